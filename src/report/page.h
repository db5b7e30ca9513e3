#pragma once
#include <string>

namespace kizu::report {

/// A whole HTML document: `title` is text, `body` HTML. Its policy forbids any request.
std::string page(const std::string& title, const std::string& body);

/// The style sheet (style.cpp).
extern const char* const kStyle;

}  // namespace kizu::report
