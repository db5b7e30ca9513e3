#include "weights/textual_inversion.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

RawTensor table() {
  RawTensor raw{Dtype::F32, {2, 3}, {}};
  for (int i = 0; i < 24; i++) raw.bytes.push_back(static_cast<std::uint8_t>(i));
  return raw;
}

TEST(TextualInversion, BothFormatsGiveBackWhatWasWritten) {
  const ScratchFolder folder;
  write_inversion_pt(folder / "a.pt", "screw+scratch", table());
  write_learned_embeds(folder / "b.safetensors", "screw+scratch", table());
  for (const auto& [file, name] : {std::pair{"a.pt", "*"}, std::pair{"b.safetensors", "screw+scratch"}}) {
    const auto source = open_tensors(folder / file);
    EXPECT_TRUE(holds_embeddings(source->tensors())) << file;
    const auto embeddings = read_embeddings(*source, file);
    ASSERT_EQ(embeddings.size(), 1u) << file;
    EXPECT_EQ(embeddings.at(name).shape, table().shape) << file;
    EXPECT_EQ(embeddings.at(name).bytes, table().bytes) << file;
  }
}

TEST(TextualInversion, SameEmbeddingSameBytes) {
  const ScratchFolder folder;
  for (const char* file : {"a.pt", "b.pt"}) write_inversion_pt(folder / file, "name", table());
  EXPECT_EQ(read_file(folder / "a.pt"), read_file(folder / "b.pt"));
}

TEST(TextualInversion, OneVectorIsATableOfOne) {
  const ScratchFolder folder;
  RawTensor vector = table();
  vector.shape = {6};
  write_learned_embeds(folder / "a.safetensors", "<token>", vector);
  const auto embeddings = read_embeddings(*open_tensors(folder / "a.safetensors"), "a");
  EXPECT_EQ(embeddings.at("<token>").shape, (std::vector<std::int64_t>{1, 6}));
}

TEST(TextualInversion, AModelIsNoEmbedding) {
  const TensorInfo matrix{Dtype::F32, {2, 3}}, filter{Dtype::F32, {2, 3, 3, 3}}, counter{Dtype::I64, {2}};
  EXPECT_TRUE(holds_embeddings({{"<a>", matrix}, {"<v1.5>", matrix}, {"b", matrix}}));
  EXPECT_TRUE(holds_embeddings({{"string_to_param.*", matrix}, {"string_to_token.*", {Dtype::I64, {}}}}));
  EXPECT_FALSE(holds_embeddings({{"layer.weight", matrix}}));
  EXPECT_FALSE(holds_embeddings({{"filter", filter}}));
  EXPECT_FALSE(holds_embeddings({{"counter", counter}}));
  EXPECT_FALSE(holds_embeddings({}));
}

}  // namespace
}  // namespace kizu
