#include "ldm/word_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "ldm/byte_pairs.h"
#include "ldm/unicode.h"

namespace kizu::ldm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// 0 .. 4 are special, then words and pieces.
constexpr const char* kLines =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nphoto\n##s\na\n*\ncafe\n,\n\xE4\xB8\xAD\n##graph\n";

WordPieces words() {
  return WordPieces(kLines, "vocab.txt", 8);
}

TEST(Unicode, DecodesAndEncodes) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(unicode::decode(text), U"a\u00E9\u20AC\U0001F600");
  EXPECT_EQ(unicode::encode(unicode::decode(text)), text);
}

TEST(Unicode, BytesThatAreNoTextBecomeReplacements) {
  EXPECT_EQ(unicode::decode("\xFFz"), U"\uFFFDz");
  EXPECT_EQ(unicode::decode("\xC3"), U"\uFFFD");
  EXPECT_EQ(unicode::decode("\xC0\xAF"), U"\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(unicode::decode("\xED\xA0\x80"), U"\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(unicode::decode("\xF4\x90\x80\x80").size(), 4u);          // beyond U+10FFFF
}

TEST(Unicode, FoldsCaseAccentsAndSyllables) {
  EXPECT_EQ(unicode::fold(U"\u00C5ngstr\u00F6m \u0130"), U"angstrom i");
  EXPECT_EQ(unicode::fold(U"e\u0301"), U"e");
  EXPECT_EQ(unicode::fold(U"\uD55C\uAE00"), U"\u1112\u1161\u11AB\u1100\u1173\u11AF");
  EXPECT_EQ(unicode::fold(U"\uF900"), U"\u8C48");
  EXPECT_EQ(unicode::fold(U"\u09CB"), U"\u09C7\u09BE");
  EXPECT_EQ(unicode::lower(U"\u00C9\u0416A1"), U"\u00E9\u0436a1");
}

TEST(WordPieces, CutsWordsIntoTheLongestPieces) {
  EXPECT_THAT(words().encode("Photos, a *"), ElementsAre(2, 5, 6, 10, 7, 8, 3, 0));
  EXPECT_THAT(words().encode("photographs"), ElementsAre(2, 5, 12, 6, 3, 0, 0, 0));
  EXPECT_THAT(words().encode("a\xE4\xB8\xAD"
                             "a caf\xC3\x89"),
              ElementsAre(2, 7, 11, 7, 9, 3, 0, 0));
}

TEST(WordPieces, UnknownWordsAndSpecialOnes) {
  EXPECT_THAT(words().encode("photox a"), ElementsAre(2, 1, 7, 3, 0, 0, 0, 0));
  EXPECT_THAT(words().encode("a[SEP]a"), ElementsAre(2, 7, 3, 7, 3, 0, 0, 0));
  EXPECT_THAT(words().encode(std::string(101, 'a')), ElementsAre(2, 1, 3, 0, 0, 0, 0, 0));
}

TEST(WordPieces, LongTextsAreCutAndEmptyOnesPadded) {
  EXPECT_THAT(words().encode("a a a a a a a a a"), ElementsAre(2, 7, 7, 7, 7, 7, 7, 3));
  EXPECT_THAT(words().encode(" \t\n"), ElementsAre(2, 3, 0, 0, 0, 0, 0, 0));
}

TEST(WordPieces, RefusesWhatIsNoVocabulary) {
  EXPECT_THAT([] { WordPieces("a\nb\n", "v.txt", 8); },
              ThrowsMessage<Error>(HasSubstr("v.txt is not a WordPiece vocabulary: it lacks [CLS]")));
  EXPECT_THAT([] { WordPieces("a\na\n", "v.txt", 8); },
              ThrowsMessage<Error>(HasSubstr("line 2 occurs twice")));
}

/// A vocabulary of all bytes, the merges p+h, ph+o, o+t..., as CLIP numbers them: bytes, bytes at an end,
/// merges, special words.
struct Pairs {
  nlohmann::json vocabulary = nlohmann::json::object();
  std::string merges = "#version: 0.2\n";

  Pairs() {
    for (const char* end : {"", "</w>"})
      for (int byte = 0; byte < 256; ++byte) {
        const bool seen = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
        const char32_t c = seen ? byte : 256 + hidden_[end]++;
        add(unicode::encode(std::u32string(1, c)) + end);
      }
    for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
             {"p", "h"}, {"o", "t"}, {"ph", "ot"}, {"phot", "o</w>"}, {"l", "l</w>"}}) {
      add(a + b);
      merges += a + " " + b + "\n";
    }
    add("<|startoftext|>");
    add("<|endoftext|>");
  }
  void add(const std::string& piece) { vocabulary[piece] = vocabulary.size(); }
  int64_t id(const std::string& piece) const { return vocabulary.at(piece); }
  BytePairs tokenizer(int64_t length) const { return BytePairs(vocabulary.dump(), merges, "folder", length); }

 private:
  std::map<std::string, char32_t> hidden_;
};

TEST(BytePairs, JoinsBytesInTheOrderOfTheMerges) {
  const Pairs pairs;
  const auto start = pairs.id("<|startoftext|>"), end = pairs.id("<|endoftext|>");
  EXPECT_THAT(pairs.tokenizer(6).encode("  Photo  *"),
              ElementsAre(start, pairs.id("photo</w>"), pairs.id("*</w>"), end, end, end));
  EXPECT_THAT(pairs.tokenizer(8).encode("photos"),
              ElementsAre(start, pairs.id("phot"), pairs.id("o"), pairs.id("s</w>"), end, end, end, end));
}

TEST(BytePairs, CutsLettersDigitsEndingsAndTheRest) {
  const Pairs pairs;
  const auto start = pairs.id("<|startoftext|>"), end = pairs.id("<|endoftext|>");
  EXPECT_THAT(pairs.tokenizer(9).encode("a'll12?!"),
              ElementsAre(start, pairs.id("a</w>"), pairs.id("'"), pairs.id("ll</w>"), pairs.id("1</w>"),
                          pairs.id("2</w>"), pairs.id("?"), pairs.id("!</w>"), end));
  EXPECT_THAT(pairs.tokenizer(5).encode("\xC3\xA9"),
              ElementsAre(start, pairs.id("\xC3\x83"), pairs.id("\xC2\xA9</w>"), end, end));
}

TEST(BytePairs, RefusesFilesThatDoNotBelongTogether) {
  Pairs pairs;
  EXPECT_THAT([&] { BytePairs(pairs.vocabulary.dump(), "x y\n", "f", 8); },
              ThrowsMessage<Error>(HasSubstr("f/merges.txt does not belong to this vocabulary")));
  pairs.vocabulary["a"] = 100000;
  EXPECT_THAT([&] { pairs.tokenizer(8); }, ThrowsMessage<Error>(HasSubstr("folder/vocab.json")));
}

}  // namespace
}  // namespace kizu::ldm
