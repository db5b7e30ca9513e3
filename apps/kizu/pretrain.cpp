#include "pretraining/pretrain.h"

#include "options.h"
#include "verbs.h"

namespace kizu {

void add_pretrain(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("pretrain", "Train a compact base model on procedural pictures alone");
  verb->footer(
      "Examples:\n"
      "  kizu pretrain --out base                          two hours on two cores\n"
      "  kizu pretrain --out base --device cuda --bf16 --large --unet-batch 512 --autoencoder-batch 128\n"
      "Stopped or killed, the same command goes on from the last checkpoint.\n"
      "The model is OUT/model; use it with --model OUT/model.");
  struct Chosen {
    pretraining::PretrainOptions options;
    std::string folder, device = "cpu";
    bool large = false;
  };
  const auto chosen = std::make_shared<Chosen>();
  auto& o = chosen->options;
  verb->add_option("--out", chosen->folder, "Run folder to create or go on with")->required();
  add_seed_option(*verb, o.seed, "Seed of pictures, weights and noise");
  verb->add_option("--pictures", o.pictures, "Procedural pictures to draw (256 px; 0.5 MB of memory each)")
      ->capture_default_str();
  verb->add_option("--autoencoder-steps", o.autoencoder_steps, "Training steps of the autoencoder")
      ->capture_default_str();
  verb->add_option("--autoencoder-batch", o.autoencoder_batch, "64 px crops in a step")
      ->capture_default_str();
  verb->add_option("--autoencoder-rate", o.autoencoder_rate, "Learning rate of the autoencoder")
      ->capture_default_str();
  verb->add_option("--unet-steps", o.unet_steps, "Training steps of the U-Net")->capture_default_str();
  verb->add_option("--unet-batch", o.unet_batch, "Windows of 128 px in a step")->capture_default_str();
  verb->add_option("--unet-rate", o.unet_rate, "Learning rate of the U-Net")->capture_default_str();
  verb->add_option("--wide-share", o.wide_share, "Last share of the steps that sees 256 px windows too")
      ->capture_default_str();
  verb->add_option("--checkpoint-every", o.checkpoint_every, "Steps between checkpoints")
      ->capture_default_str();
  verb->add_option("--shards", o.shards, "Pieces a batch is cut into; part of what fixes the bytes")
      ->capture_default_str();
  verb->add_option("--workers", o.workers, "Threads; 0 = one per core. Does not change the result")
      ->capture_default_str();
  verb->add_flag("--bf16", o.bf16,
                 "Mixed precision, only with --device cuda: faster, slightly other numbers");
  verb->add_flag("--large", chosen->large,
                 "The larger of the two shapes, for a GPU (17 M instead of 5.5 M parameters)");
  verb->add_option("--device", chosen->device, "cpu or cuda")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  verb->callback([chosen, &program] {
    if (chosen->large) {
      chosen->options.config.autoencoder = {8, 64, 128, 3};
      chosen->options.config.unet.channels = {96, 192, 288};
    }
    chosen->options.device = torch::Device(chosen->device);
    pretraining::pretrain(chosen->options, chosen->folder, program.observer);
  });
}

}  // namespace kizu
