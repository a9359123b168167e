package io.lorashear.cli;

import io.lorashear.prune.Recipe;
import io.lorashear.settings.Overrides;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --recipe}: a set of settings that overrides the file's; {@code --set} overrides it. */
public final class RecipeOption {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "A set of settings that overrides the file's: ${COMPLETION-CANDIDATES}. docs/ablation.md"
              + " shows what each part contributes.")
  @Nullable Recipe recipe;

  /** The recipe's settings for one stage; none if no recipe is given. */
  public Overrides settings(Function<Recipe, List<String>> stage) {
    return recipe == null
        ? Overrides.none()
        : Overrides.by("--recipe " + recipe, stage.apply(recipe));
  }
}
