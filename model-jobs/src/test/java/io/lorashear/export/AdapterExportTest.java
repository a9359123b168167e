package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.family.ModelConfig;
import io.lorashear.lora.LoraBinding;
import io.lorashear.run.ContentHash;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterExportTest {
  private static final String MODULE = "model.layers.0.mlp.down_proj";
  private static final double SCALE = 1.5;

  @TempDir Path folder;
  private final ModelConfig config = SmallModels.uneven();
  private final List<String> said = new ArrayList<>();

  /** A base, and what recovery makes of it: down_proj + s·BA, with the pair beside it. */
  @BeforeEach
  void recovered() {
    var base = SmallModels.weights(config, 5);
    CheckpointWriter.publish(folder.resolve("pruned"), config, base, List.of(), JsonFile.object());
    var shape = base.tensor(MODULE + ".weight").shape();
    var pair = new InMemoryTensors();
    pair.put(MODULE + ".lora_A.weight", ones((int) shape[1]), 1, shape[1]);
    pair.put(MODULE + ".lora_B.weight", ones((int) shape[0]), shape[0], 1);
    var merged = new InMemoryTensors();
    for (var name : base.tensors().keySet()) {
      var numbers = base.floats(name);
      for (int i = 0; i < numbers.length && name.startsWith(MODULE); i++) {
        numbers[i] += (float) SCALE;
      }
      merged.put(name, numbers, base.tensor(name).shape());
    }
    var recovered = folder.resolve("recovered/text");
    CheckpointWriter.write(recovered, config, merged, List.of());
    var binding =
        new LoraBinding(
            MODULE + ".weight", MODULE + ".lora_A.weight", MODULE + ".lora_B.weight", SCALE);
    AdapterExport.of(List.of(binding), pair)
        .write(
            recovered.resolve(AdapterExport.FOLDER),
            "sha256:" + ContentHash.of(folder.resolve("pruned")));
  }

  private static float[] ones(int count) {
    var ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private void export(String model, Optional<String> base) {
    try (var opened = Checkpoint.open(folder.resolve(model))) {
      var request = new ExportRequest(opened, WeightType.F32, Answer.LOGITS, base);
      Export.publish(
          new AdapterExport(),
          request,
          Optional.empty(),
          folder.resolve("out"),
          JsonFile.object(),
          said::add);
    }
  }

  private String baseName() {
    return JsonFile.read(folder.resolve("out/adapter_config.json"))
        .path("base_model_name_or_path")
        .asText();
  }

  @Test
  void theModelItWasTrainedBesideIsFoundAndNamedAbsolutely() {
    export("recovered/text", Optional.empty());
    assertThat(baseName()).isEqualTo(folder.resolve("pruned").toAbsolutePath().toString());
    assertThat(said.get(0)).startsWith("read again: logits of 3 texts differ by at most ");
    try (var read = PeftAdapter.open(folder.resolve("out"))) {
      assertThat(read.pairs()).singleElement().extracting("scale").isEqualTo(SCALE);
    }
  }

  @Test
  void aNameOnHuggingFaceIsKeptAndThePairsAloneAreCompared() {
    export("recovered/text", Optional.of("somebody/model"));
    assertThat(baseName()).isEqualTo("somebody/model");
    assertThat(said.get(0))
        .isEqualTo(
            "read again: the same pairs; logits were not compared, as the model under them is not"
                + " on this machine");
  }

  @Test
  void anotherModelUnderItIsFoundOut() {
    CheckpointWriter.write(
        folder.resolve("other"), config, SmallModels.weights(config, 6), List.of());
    assertThatThrownBy(
            () -> export("recovered/text", Optional.of(folder.resolve("other").toString())))
        .hasMessageContaining("nothing was published")
        .hasMessageContaining("logits at position 1 of text 1 differ by");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aBaseThatIsNowhereIsRefused() {
    assertThatThrownBy(() -> export("recovered/text", Optional.of("no such model")))
        .hasMessage(
            "--base no such model is neither a folder nor a name on Hugging Face (owner/name): give"
                + " the model the adapter belongs to");
  }

  @Test
  void aModelThatWasNotRecoveredHasNoAdapter() {
    assertThatThrownBy(() -> export("pruned", Optional.empty()))
        .hasMessage(
            "%s has no folder adapter: only a recovered checkpoint has one",
            folder.resolve("pruned"));
  }
}
