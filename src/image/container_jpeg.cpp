#include "image/container.h"

namespace kizu {
namespace {

/// Steps through the markers of a JPEG stream.
class JpegWalk {
 public:
  JpegWalk(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Container run() {
    at_ = 2;  // past SOI
    for (;;) {
      const int marker = next_marker();
      if (marker == 0xD9) break;
      if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;  // no payload
      segment(marker);
    }
    if (found_.stored.width == 0 || !scanned_) refuse_damaged(name_, "is a JPEG file without a picture");
    return found_;
  }

 private:
  int byte(std::size_t i) const { return static_cast<unsigned char>(bytes_[i]); }

  /// The next marker from here on; stuffed zeros and fill bytes are passed over, and so are the coded pixels.
  int next_marker() {
    for (; at_ + 1 < bytes_.size(); at_++)
      if (byte(at_) == 0xFF && byte(at_ + 1) != 0 && byte(at_ + 1) != 0xFF) {
        at_ += 2;
        return byte(at_ - 1);
      }
    refuse_damaged(name_, "is cut short");
  }

  void segment(int marker) {
    if (bytes_.size() - at_ < 2) refuse_damaged(name_, "is cut short");
    const std::size_t length = static_cast<std::size_t>(byte(at_)) << 8 | byte(at_ + 1);
    if (length < 2) refuse_damaged(name_, "is damaged (a segment without length)");
    if (length > bytes_.size() - at_) refuse_damaged(name_, "is cut short");
    const std::string_view data = bytes_.substr(at_ + 2, length - 2);
    at_ += length;
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) read_frame(data);
    if (marker == 0xDA) scanned_ = true;
    if (marker == 0xE1 && data.substr(0, 6) == std::string_view("Exif\0\0", 6))
      found_.orientation = exif_orientation(data.substr(6));
  }

  void read_frame(std::string_view data) {
    if (data.size() < 6) refuse_damaged(name_, "is damaged (its frame header is too short)");
    const auto number = [&](int i) {
      return static_cast<unsigned char>(data[i]) << 8 | static_cast<unsigned char>(data[i + 1]);
    };
    found_.stored = {number(3), number(1)};
    found_.grey = data[5] == 1;
  }

  std::string_view bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
  bool scanned_ = false;
  Container found_{ImageFormat::Jpeg, {}, 1, false};
};

}  // namespace

Container check_jpeg(std::string_view bytes, const std::string& name) {
  return JpegWalk(bytes, name).run();
}

}  // namespace kizu
