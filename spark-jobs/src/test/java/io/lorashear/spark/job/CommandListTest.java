package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandListTest {
  @Test
  void everyCommandHasOneLineAndNoOtherHas() {
    var listed =
        CommandList.ALL.groups().stream()
            .flatMap(group -> group.lines().stream())
            .map(CommandList.Line::command);
    assertThat(listed)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(Lorashear.commandLine().getSubcommands().keySet());
  }

  @Test
  void allOfItFitsAScreen() {
    var usage = Lorashear.commandLine().getUsageMessage();
    assertThat(usage).contains("Pruning\n  inspect     what can be removed");
    assertThat(usage.lines()).hasSizeLessThan(57).allMatch(line -> line.length() <= 80);
  }
}
