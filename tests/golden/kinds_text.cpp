#include <fstream>

#include "latent_case.h"
#include "ldm/tokenizer.h"
#include "ldm/word_pieces.h"

namespace kizu::golden {
namespace {

void run_text(Case& c) {
  auto encoder = make_text_encoder(c.config(), true);
  c.load(*encoder, "weights", ldm::kTextPrefix);
  // Positions are added to the token embeddings, so both have the same gradient.
  const auto tokens = encoder->embed(c.tensor("ids")).detach().set_requires_grad(true);
  c.compare("embedded", encoder->with_positions(tokens));
  {
    const torch::NoGradGuard no_grad;  // through our own loops
    c.compare("context", encoder->encode(tokens));
  }
  const auto context = encoder->encode(tokens);
  c.compare("context", context);
  if (c.has("logits")) c.compare("logits", encoder->logits(context));
  (context * c.tensor("loss_weight")).sum().backward();
  c.compare("grad_embedded", tokens.grad());
}
KIZU_GOLDEN_KIND("text", run_text);

void run_tokenizer(Case& c) {
  const int64_t length = c.config().at("max_length");
  const ldm::WordPieces tokenizer(c.folder() / c.config().at("vocab").get<std::string>(), length);
  std::ifstream in(c.folder() / c.json().at("strings").get<std::string>());
  const auto texts = nlohmann::json::parse(in).get<std::vector<std::string>>();
  c.compare("ids", ldm::encode_all(tokenizer, texts));
}
KIZU_GOLDEN_KIND("tokenizer", run_tokenizer);

}  // namespace
}  // namespace kizu::golden
