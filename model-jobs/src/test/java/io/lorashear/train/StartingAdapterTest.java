package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.export.AdapterExport;
import io.lorashear.lora.LoraSettings;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training that starts from an adapter, of PEFT's or of ours. */
class StartingAdapterTest {
  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6};

  @TempDir Path folder;

  private static LoraSettings startingFrom(Path adapter) {
    return new LoraSettings(8, 16, List.of(), Optional.of(adapter));
  }

  private static float[] logits(TorchModel model) {
    try (var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, IDS)).toFloatArray();
    }
  }

  @Test
  void pairsOfSeveralRanksAndScalesStartAsTheMergedModelAndFoldIntoIt() {
    var graph = TinyModel.graph();
    var base = TinyModel.weights(graph, 5);
    SmallAdapters.uneven(graph).write(folder, "base");
    float[] expected;
    try (var model =
        TorchModel.load(
            graph, SmallAdapters.merged(base, SmallAdapters.uneven(graph)), Device.cpu())) {
      expected = logits(model);
    }
    try (var model = AdaptedModel.load(graph, base, startingFrom(folder), 1, Device.cpu())) {
      assertThat(model.bindings()).hasSize(3);
      assertThat(model.model().trainable()).hasSize(6);
      assertThat(logits(model.model())).containsExactly(expected, within(1e-4f));
      AdapterExport.of(model.bindings(), model.model().tensors())
          .write(folder.resolve("again"), "base");
      model.fold().fold();
      assertThat(logits(model.model())).containsExactly(expected, within(1e-4f));
    }
    var again = startingFrom(folder.resolve("again"));
    try (var model = AdaptedModel.load(graph, base, again, 1, Device.cpu())) {
      assertThat(logits(model.model())).containsExactly(expected, within(1e-4f));
    }
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() {
    var graph = TinyModel.graph();
    var base = TinyModel.weights(graph, 5);
    var name = "model.layers.0.mlp.up_proj";
    write(name, 2, 16, 13);
    assertThatThrownBy(() -> AdaptedModel.load(graph, base, startingFrom(folder), 1, Device.cpu()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the adapter %s is not of this model: %s.lora_B.weight has the shape [13, 2], but"
                + " beside %s.weight it is [12, 2]",
            folder, name, name);
    write("model.layers.7.mlp.up_proj", 2, 16, 12);
    assertThatThrownBy(() -> AdaptedModel.load(graph, base, startingFrom(folder), 1, Device.cpu()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the adapter has a pair for model.layers.7.mlp.up_proj, but the model has no linear of"
                + " that name: its linears end in q_proj, k_proj, v_proj, o_proj, gate_proj,"
                + " up_proj, down_proj, embed_tokens");
  }

  @Test
  void aPairBesideATiedHeadIsRefusedWithTheWayOut() {
    var graph = TinyModel.graph();
    write("lm_head", 2, 16, 32);
    assertThat(graph.parameters()).doesNotContainKey("lm_head.weight");
    var base = TinyModel.weights(graph, 5);
    assertThatThrownBy(() -> AdaptedModel.load(graph, base, startingFrom(folder), 1, Device.cpu()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the adapter %s has a pair for lm_head, but the model's head is its embedding"
                + " (model.embed_tokens.weight), which a pair beside the head alone cannot be"
                + " folded into: merge it into the model with PEFT first",
            folder);
  }

  private void write(String module, int rank, int in, int out) {
    var pair = new LoraPair(module, rank, 1);
    var tensors =
        new InMemoryTensors()
            .put(pair.a(), new float[rank * in], rank, in)
            .put(pair.b(), new float[out * rank], out, rank);
    new PeftAdapter(List.of(pair), tensors).write(folder, "base");
  }

  @ParameterizedTest
  @ValueSource(strings = {"peft-adapter", "peft-adapter-rslora"})
  @Tag("reference")
  void whatPeftTrainedGivesItsLogitsAlsoWrittenBack(String name) {
    var home = ReferenceData.path("reference/families/llama");
    var ids = JsonFile.read(home.resolve("expected.json")).get("ids");
    var expected = JsonFile.read(home.resolve(name).resolve("expected.json"));
    try (var adapter = PeftAdapter.open(home.resolve(name))) {
      adapter.write(folder, "base");
    }
    try (var base = Checkpoint.open(home, folder)) {
      for (var path : List.of(home.resolve(name), folder)) {
        try (var model =
            AdaptedModel.load(base.graph(), base.tensors(), startingFrom(path), 1, Device.cpu())) {
          expectLogits(model, ids, expected);
        }
      }
    }
  }

  private static void expectLogits(AdaptedModel adapted, JsonNode ids, JsonNode expected) {
    var model = adapted.model();
    try (var scope = model.manager().newSubManager()) {
      for (int row = 0; row < ids.size(); row++) {
        var tokens = new int[ids.get(row).size()];
        for (int t = 0; t < tokens.length; t++) {
          tokens[t] = ids.get(row).get(t).asInt();
        }
        var logits = model.logits(scope, model.ids(scope, tokens)).get(0); // (T, vocabulary)
        var last = logits.get(tokens.length - 1).toFloatArray();
        var wanted = expected.get("logits_last").get(row);
        assertThat(last).hasSize(wanted.size());
        for (int i = 0; i < last.length; i++) {
          assertThat((double) last[i]).isCloseTo(wanted.get(i).asDouble(), within(1e-4));
        }
      }
    }
  }
}
