#include "weights/tensor_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "weights/pickle_writer.h"
#include "weights/zip_writer.h"

namespace kizu {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// The first byte of a safetensors file is that of its header's length: 0x80 begins a pickle, too.
TEST(OpenTensors, ASafetensorsFileOfAnyHeaderLengthIsOne) {
  const ScratchFolder folder;
  bool looked_like_a_pickle = false;
  for (std::size_t length = 1; length < 300; length += 4) {
    Safetensors content;
    content.tensors[std::string(length, 'n')] = {Dtype::U8, {1}, {7}};
    content.write(folder / "f");
    looked_like_a_pickle = looked_like_a_pickle || read_file(folder / "f")[0] == '\x80';
    EXPECT_EQ(open_tensors(folder / "f")->tensors().size(), 1u) << length;
  }
  EXPECT_TRUE(looked_like_a_pickle);
}

TEST(OpenTensors, AFileIsWhatItHoldsNotWhatItIsCalled) {
  const ScratchFolder folder;
  const std::string pickle =
      PickleWriter().begin_dict().text("w").tensor({Dtype::F32, {1}}, "0").end_dict().bytes();
  write_file(folder / "f.safetensors", zip_of({{"a/data.pkl", pickle}, {"a/data/0", "1234"}}));
  EXPECT_EQ(open_tensors(folder / "f.safetensors")->read("w").bytes.size(), 4u);
}

TEST(OpenTensors, SaysWhatAFileIsInstead) {
  const ScratchFolder folder;
  const auto expect = [&](const std::string& bytes, const char* why) {
    write_file(folder / "f.ckpt", bytes);
    EXPECT_THAT([&] { open_tensors(folder / "f.ckpt"); }, ThrowsMessage<Error>(HasSubstr(why)));
  };
  expect("", "is empty");
  expect("version https://git-lfs.github.com/spec/v1\n", "only a pointer to the weights");
  expect("  \n<!DOCTYPE html>", "is a web page");
  expect("GIF89a", "neither a safetensors file nor a checkpoint");
  EXPECT_THAT([&] { open_tensors(folder.path()); }, ThrowsMessage<Error>(HasSubstr("folder")));
}

}  // namespace
}  // namespace kizu
