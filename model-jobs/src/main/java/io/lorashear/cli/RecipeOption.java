package io.lorashear.cli;

import io.lorashear.prune.Recipe;
import io.lorashear.settings.Overrides;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --recipe}: settings that go together, over the file's and under {@code --set}. */
public final class RecipeOption {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "Settings that go together, in place of the file's: ${COMPLETION-CANDIDATES}. What each"
              + " part is worth is in docs/ablation.md.")
  @Nullable Recipe recipe;

  /** The recipe's settings for one stage; none where no recipe is named. */
  public Overrides settings(Function<Recipe, List<String>> stage) {
    return recipe == null
        ? Overrides.none()
        : Overrides.by("--recipe " + recipe, stage.apply(recipe));
  }
}
