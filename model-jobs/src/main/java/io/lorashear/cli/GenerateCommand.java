package io.lorashear.cli;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.generate.Generator;
import io.lorashear.generate.Sampling;
import io.lorashear.generate.TextStream;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear generate}: prints the text that a model generates. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description =
        "Continues a prompt with a model, dense or pruned, and prints the text as it is"
            + " generated.",
    footer = {
      "",
      "Examples:",
      "  lorashear generate models/smollm2 --prompt \"The capital of France is\"",
      "  lorashear generate runs/pruned --prompt \"Once\" --temperature 0.8 --top-p 0.95 --seed 7"
    })
public final class GenerateCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin PrecisionOption precision = new PrecisionOption();

  @Parameters(paramLabel = "CHECKPOINT", description = "Hugging Face directory or GGUF file.")
  Path checkpoint = Path.of("");

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "TEXT",
      description = "The text to continue.")
  String prompt = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Maximum number of tokens (${DEFAULT-VALUE}).")
  int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description =
          "0 always takes the likeliest token; 1 draws from the model's distribution"
              + " (${DEFAULT-VALUE}).")
  double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Draws from the likeliest tokens that together have probability P (${DEFAULT-VALUE}: from"
              + " all).")
  double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed; the same seed gives the same text (${DEFAULT-VALUE}).")
  long seed;

  @Override
  public Integer call() {
    GivenNumber.atLeast(1, "--tokens", tokens);
    var sampling = sampling();
    var place = device.device();
    try (var opened = Checkpoint.open(checkpoint);
        var tokenizer = Tokenizer.open(opened.tokenizer(), opened.config().vocabularySize());
        var model = load(opened, place)) {
      say(opened, tokenizer, model, sampling);
    }
    return 0;
  }

  private TorchModel load(Checkpoint opened, Device place) {
    var tensors = List.of(opened.tensors());
    return TorchModel.load(
        opened.graph(), tensors, Placement.of(place, precision.on(place)), Set.of());
  }

  private Sampling sampling() {
    if (!(temperature >= 0)) {
      throw new InputException("--temperature is %s: give 0 or more", temperature);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new InputException("--top-p is %s: give a share above 0, up to 1", topP);
    }
    return new Sampling(temperature, topP);
  }

  private void say(Checkpoint opened, Tokenizer tokenizer, TorchModel model, Sampling sampling) {
    var out = spec.commandLine().getOut();
    int[] ids = tokenizer.encode(prompt);
    var text = new TextStream(tokenizer, ids);
    out.print(prompt);
    out.flush();
    new Generator(model, opened.config().maximumPositions(), stops(opened, tokenizer))
        .generate(
            ids,
            tokens,
            sampling,
            seed,
            id -> {
              out.print(text.next(id));
              out.flush();
            });
    out.println(text.end());
    out.flush();
  }

  /** The ids that end a text: the tokenizer's end of text, and the ids in config.json. */
  private static Set<Integer> stops(Checkpoint opened, Tokenizer tokenizer) {
    var stops = new HashSet<Integer>();
    tokenizer.findEndOfText().ifPresent(stops::add);
    var named = opened.config().fields().path("eos_token_id");
    if (named.isInt()) {
      stops.add(named.intValue());
    }
    named.forEach(id -> stops.add(id.asInt()));
    return stops;
  }
}
