package io.lorashear.spark.job;

import io.lorashear.cli.PlanCommand;
import io.lorashear.spark.perplexity.PerplexitySettings;
import picocli.CommandLine.Command;

/** {@code lorashear plan}, with what runs on Spark. */
@Command(name = "plan")
public final class PlanJob extends PlanCommand {

  @Override
  protected int perplexityRows() {
    return settings(PerplexitySettings.class).rows();
  }
}
