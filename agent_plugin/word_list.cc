#include "agent_plugin/word_list.h"

#include <algorithm>

namespace mail_relay {

namespace {

constexpr std::string_view kSeparators = ", \t\r\n";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kMostWords = 200;

bool is_separator(char c) {
    return kSeparators.find(c) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> split_list(std::string_view value) {
    std::vector<std::string> words;
    for (;;) {
        const auto begin = value.find_first_not_of(kSeparators);
        if (begin == std::string_view::npos) {
            return words;
        }
        const auto end = std::min(value.find_first_of(kSeparators, begin), value.size());
        words.emplace_back(value.substr(begin, end - begin));
        value.remove_prefix(end);
    }
}

Result<std::vector<std::string_view>> split_braced_list(std::string_view value) {
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = value.find_first_not_of(kSeparators);
        if (begin == std::string_view::npos) {
            return words;
        }
        value.remove_prefix(begin);
        int depth = 0;
        std::size_t end = 0;
        for (; depth >= 0 && end < value.size() && (depth > 0 || !is_separator(value[end]));
             ++end) {
            depth += value[end] == '{' ? 1 : 0;
            depth -= value[end] == '}' ? 1 : 0;
        }
        if (depth != 0) {
            return failed("the braces do not match");
        }
        if (words.size() == kMostWords) {
            return failed("more than {} words", kMostWords);
        }
        words.push_back(value.substr(0, end));
        value.remove_prefix(end);
    }
}

bool in_braces(std::string_view word) {
    return word.size() >= 2 && word.front() == '{' && word.back() == '}';
}

std::string_view without_braces(std::string_view word) {
    return trim_blanks(word.substr(1, word.size() - 2));
}

std::string_view trim_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace mail_relay
