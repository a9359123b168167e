package io.lorashear.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.device.PyTorch;
import io.lorashear.torch.engine.TorchModule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupSumsTest {
  /** What a GPU runs is run here too. */
  @ParameterizedTest
  @ValueSource(strings = {"s.is_cuda", "True"})
  void bothFormsAddUpByGroup(String asked) {
    try (var manager = PyTorch.engine().newBaseManager()) {
      var text = GroupSums.TEXT.replace("s.is_cuda", asked);
      assertThat(text).contains("if " + asked + ":");
      var s = manager.create(new float[] {10, 0, 1});
      var owners = manager.create(new long[] {2, 0, 2, 2});
      var q = manager.create(new float[] {1, 2, 4, 8});
      var call = TorchModule.of(text).call(manager, "added").with(s).with(owners).with(q);
      assertThat(call.run().get(0).toFloatArray()).containsExactly(12, 0, 14);
    }
  }
}
