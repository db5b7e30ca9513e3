#include "inspection/localizer_net.h"

#include "core/error.h"
#include "inspection/light_net.h"

namespace kizu::inspection {

std::shared_ptr<Localizer> make_localizer(const LocalizerConfig& config, uint64_t seed) {
  if (config.width < 1 || config.width > 512) {
    throw Error("a localizer of width " + std::to_string(config.width) + ": choose 1 to 512");
  }
  if (config.net == "light") {
    auto net = std::make_shared<LightNet>(config.width);
    net->draw_weights(seed);
    return net;
  }
  if (config.net == "draem") {
    auto net = std::make_shared<DraemNet>(config.width);
    net->draw_weights(seed);
    return net;
  }
  throw Error("there is no localizer named '" + config.net + "'; choose light or draem");
}

torch::Tensor pad_to_multiple(const torch::Tensor& image, int64_t multiple) {
  const int64_t bottom = (multiple - image.size(2) % multiple) % multiple;
  const int64_t right = (multiple - image.size(3) % multiple) % multiple;
  if (bottom == 0 && right == 0) return image;
  return torch::replication_pad2d(image, {0, right, 0, bottom});
}

}  // namespace kizu::inspection
