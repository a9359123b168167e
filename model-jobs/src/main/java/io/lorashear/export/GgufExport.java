package io.lorashear.export;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.gguf.FileType;
import io.lorashear.checkpoint.gguf.GgufModel;
import io.lorashear.checkpoint.gguf.TensorTypes;
import io.lorashear.checkpoint.gguf.vocabulary.TokenizerFiles;
import io.lorashear.checkpoint.gguf.vocabulary.TokenizerMetadata;
import io.lorashear.family.RotaryParameters;
import io.lorashear.run.Progress;
import io.lorashear.verify.Readback;
import io.lorashear.verify.Rounding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A GGUF file with weights, tokenizer and chat template, for llama.cpp and programs built on it.
 * {@link TensorTypes} gives the type of each weight.
 */
record GgufExport() implements Target {
  private static final double HALF_UNIT =
      0x1p-24; // relative rounding error of F32, when 1 is added to a norm's weight

  @Override
  public String program() {
    return "llama.cpp";
  }

  @Override
  public String form() {
    return "gguf";
  }

  @Override
  public List<WeightType> types() {
    return List.of(
        new WeightType("f16", 16, new Rounding(0x1p-11, 0x1p-23, 0, Rounding.SAME_WEIGHTS)),
        new WeightType("f32", 32, new Rounding(HALF_UNIT, 2 * HALF_UNIT, 0, 1e-4)),
        new WeightType("bf16", 16, new Rounding(0x1p-8, 2 * HALF_UNIT, 0, Rounding.SAME_WEIGHTS)),
        blocks("q8_0", 8.5, 1.0 / 254),
        blocks("q6_k", 6.5625, 0.03),
        blocks("q5_k_m", 5.7, 0.06),
        blocks("q5_k_s", 5.5, 0.06),
        blocks("q5_1", 6, 0.035),
        blocks("q5_0", 5.5, 0.065),
        blocks("q4_k_m", 4.9, 0.1),
        blocks("q4_k_s", 4.6, 0.1),
        blocks("q4_1", 5, 0.07),
        blocks("q4_0", 4.5, 0.13));
  }

  /** A type whose blocks store their scales as halves. */
  private static WeightType blocks(String name, double bits, double step) {
    return new WeightType(
        name, bits, new Rounding(0x1p-10, 2 * HALF_UNIT, step, Rounding.SAME_WEIGHTS));
  }

  @Override
  public long bytes(ExportRequest request) {
    return types(request).bytes();
  }

  @Override
  public String loading(ExportRequest request) {
    return "`llama-cli -m DIR/%s -p \"Once upon a time\"`".formatted(file(request));
  }

  @Override
  public Optional<String> library() {
    return Optional.of("gguf");
  }

  @Override
  public void require(ExportRequest request) {
    model(request);
  }

  @Override
  public List<String> remarks(ExportRequest request) {
    var remarks = new ArrayList<>(tokenizer(request.model()).differences());
    remarks.addAll(types(request).remarks());
    model(request).remark().ifPresent(remarks::add);
    var config = request.model().config();
    if (config.rotaryScaling().equals("longrope")) {
      remarks.add(
          "in contexts of more than %d tokens it turns short texts as long ones"
              .formatted(RotaryParameters.of(config, RotaryParameters.FULL).length()));
    }
    return remarks;
  }

  @Override
  public void write(ExportRequest request, Path folder) {
    var type = FileType.named(request.type().name());
    model(request).write(folder.resolve(file(request)), type, Progress.console());
  }

  @Override
  public Readback read(ExportRequest request, Path folder) {
    var written = Checkpoint.open(folder.resolve(file(request)));
    return new Readback.Weights(
        written.graph(),
        written.tensors(),
        Optional.of(written.tokenizer()),
        written.config().maximumPositions());
  }

  private static TensorTypes types(ExportRequest request) {
    return model(request).types(FileType.named(request.type().name()));
  }

  private static String file(ExportRequest request) {
    return "model-" + request.type().name() + ".gguf";
  }

  private static GgufModel model(ExportRequest request) {
    var model = request.model();
    return GgufModel.of(model.config(), model.graph(), model.tensors(), tokenizer(model).values());
  }

  private static TokenizerMetadata tokenizer(Checkpoint model) {
    var config = model.config();
    var files = TokenizerFiles.of(model.companions(), config.fields(), model.path().toString());
    return TokenizerMetadata.of(files, config.vocabularySize());
  }
}
