package io.lorashear.cli;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Progress;
import io.lorashear.run.RunRecord;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.sparse.SparsifyStage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorashear sparsify}: sets weights to zero without changing widths. */
@Command(
    name = "sparsify",
    mixinStandardHelpOptions = true,
    description =
        "Sets a share of the weights in every matrix of a block to zero, by SparseGPT, Wanda or"
            + " magnitude, unstructured or N of M neighbours (2:4, 4:8). Widths and the number of"
            + " parameters do not change; to make a model smaller, use prune.",
    footer = {
      "",
      "Examples:",
      "  lorashear sparsify --config conf/sparsify/smollm2-135m.yaml",
      "  lorashear sparsify --config conf/sparsify/smollm2-135m.yaml --set pattern=2:4 --set"
          + " output=s"
    })
public final class SparsifyCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin StageOptions options = new StageOptions();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin PrecisionOption precision = new PrecisionOption();

  @Override
  public Integer call() {
    options
        .settings(SparsifySettings.class, SparsifyStage::ready, precision.in("precision"))
        .ifPresent(this::sparsify);
    return 0;
  }

  private void sparsify(SparsifySettings settings) {
    var record = RunRecord.start("sparsify", settings).seed("sparsify", settings.seed());
    var published =
        SparsifyStage.run(settings, options.overwrite, device.device(), Progress.console());
    record.write(published);
    var sparsity = JsonFile.read(published.verified(SparsifyStage.REPORT)).path("sparsity");
    var out = spec.commandLine().getOut();
    out.printf(
        "%,d of %,d weights in blocks are zero (%.2f %%; %.2f %% of all parameters)%n",
        sparsity.path("zeros").asLong(),
        sparsity.path("weights").asLong(),
        100 * sparsity.path("ofMatrices").asDouble(),
        100 * sparsity.path("ofParameters").asDouble());
    int unreached = sparsity.path("unreached").size();
    if (unreached > 0) {
      out.printf(
          "no token reached %d of the matrices, so they lost weights by magnitude: %s names them,"
              + " more rows may reach them%n",
          unreached, SparsifyStage.REPORT);
    }
    out.printf(
        "%nThe sparse model is in %s, and how much of each matrix went in %s%n",
        published.directory(), SparsifyStage.REPORT);
    out.flush();
  }
}
