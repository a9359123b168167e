package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.policy.Limits;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.shape.Free;
import io.lorashear.torch.TorchModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Forms of the Fisher information on a small trained model: what they choose, and what it costs.
 */
@Tag("reference")
class FisherFormsTest {
  /** A plan, and the held-out loss of the model that is left. */
  private record Pruned(WidthPlan plan, long parameters, double loss) {}

  private final List<Sequence> heldOut;
  private final List<Sequence> rows;

  FisherFormsTest() throws IOException {
    var all = MethodsTest.rows();
    heldOut = all.subList(0, 16);
    rows = all.subList(16, 80);
  }

  private Pruned pruned(Checkpoint dense, String... more) {
    var settings = new ArrayList<>(List.of("ratio=0.3", "compensation.rows=16", "rows=64"));
    settings.addAll(List.of(more));
    var task =
        new PruningMethod.Task(
            dense.config(),
            dense.graph(),
            dense.tensors(),
            MethodsTest.settings(Method.FISHER, 1, settings.toArray(String[]::new)),
            new Limits(Set.of(), Map.of(), Free.ANY),
            rows,
            Device.cpu(),
            null,
            Progress.silent());
    try (var outcome = Method.FISHER.method().prune(task)) {
      var small = Compressor.compress(dense.graph(), outcome.tensors(), outcome.plan());
      try (var model = TorchModel.load(small.graph(), small.tensors(), Device.cpu())) {
        double loss = SourceLosses.of(Scorer.over(model, 512), heldOut).get("stories");
        return new Pruned(outcome.plan(), outcome.plan().parameters(dense.graph()), loss);
      }
    }
  }

  @Test
  void eachFormMeetsTheBudgetByOtherGroups() {
    try (var dense = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"))) {
      var plain = pruned(dense);
      var forms = new LinkedHashMap<String, Pruned>();
      forms.put("joint, λ = 0", pruned(dense, "saliency.joint=true", "saliency.diagonal=0"));
      forms.put("joint, λ = ½", pruned(dense, "saliency.joint=true", "saliency.diagonal=0.5"));
      forms.put("by position", pruned(dense, "saliency.by=position"));
      forms.put("joint by position", pruned(dense, "saliency.by=position", "saliency.joint=true"));
      forms.put("joint", pruned(dense, "saliency.joint=true"));
      forms.put("residual", pruned(dense, "saliency.residual=true"));
      forms.put("4 rounds", pruned(dense, "rounds=4"));
      forms.put("all", pruned(dense, "rounds=4", "saliency.joint=true", "saliency.residual=true"));
      System.out.printf("held-out loss after Fisher %.4f%n", plain.loss());
      forms.forEach(
          (form, pruned) -> {
            System.out.printf("%s %.4f%n", form, pruned.loss());
            assertThat(pruned.plan()).as(form).isNotEqualTo(plain.plan());
            double left = (double) pruned.parameters() / dense.graph().parameterCount();
            assertThat(left).as(form).isBetween(0.69, 0.7);
            assertThat(pruned.loss()).as(form).isBetween(1.0, 6.0);
          });
    }
  }
}
