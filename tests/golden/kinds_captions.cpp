#include <gtest/gtest.h>

#include <fstream>

#include "anomaly/captions.h"
#include "golden_case.h"
#include "ldm/word_pieces.h"

namespace kizu::golden {
namespace {

/// "a photo of a {}" with "*" for what is learned.
std::vector<std::string> published(const std::filesystem::path& file) {
  std::ifstream in(file);
  auto captions = nlohmann::json::parse(in).get<std::vector<std::string>>();
  for (auto& caption : captions) caption.replace(caption.find("{}"), 2, "*");
  return captions;
}

TEST(Captions, AreThePublishedOnesWithTheIdsOfTheVocabulary) {
  const auto prompts = golden_folder() / "anomaly/prompts.json";
  const auto vocabulary = golden_folder() / "tokenizer/vocab.txt";
  if (!std::filesystem::exists(prompts) || !std::filesystem::exists(vocabulary))
    GTEST_SKIP() << "the golden folder has no prompts or no vocabulary";
  EXPECT_EQ(anomaly::published_captions(), published(prompts));
  const ldm::WordPieces tokenizer(vocabulary, 77);
  for (const auto& caption : anomaly::published_captions())
    EXPECT_EQ(anomaly::caption_ids(caption), tokenizer.encode(caption)) << caption;
}

}  // namespace
}  // namespace kizu::golden
