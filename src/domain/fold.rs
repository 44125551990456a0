//! Folding of Vietnamese text, so that "dat dai" finds "Đất đai".

/// The text in lower case without marks; đ becomes d.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(base).collect()
}

/// The folded words of a text with a blank between them; signs only part words.
pub fn words(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether every word of a search is in a text that was folded.
pub fn matches(folded: &str, search: &str) -> bool {
    fold(search).split_whitespace().all(|word| folded.contains(word))
}

fn base(character: char) -> Option<char> {
    let letter = match character {
        '\u{300}'..='\u{36f}' => return None,
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ'
        | 'ậ' => 'a',
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ'
        | 'ợ' => 'o',
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'đ' => 'd',
        other => other,
    };
    Some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_case_do_not_matter_whichever_way_they_are_written() {
        assert_eq!(fold("Đăng ký THƯỜNG trú"), "dang ky thuong tru");
        assert_eq!(fold("Đa\u{302}\u{301}t"), "dat");
        assert!(matches(&fold("Cấp giấy chứng nhận quyền sử dụng đất"), "  QUYEN đất "));
        assert!(!matches(&fold("Cấp giấy phép xây dựng"), "dat"));
        assert_eq!(words(" Hồ sơ; ĐẤT – 1.500 đ!"), "ho so dat 1 500 d");
    }
}
