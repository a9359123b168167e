package io.lorashear.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.DiskSpace;
import io.lorashear.torch.MatrixProducts;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Function;

/**
 * Several models, measured in one run.
 *
 * @param prompt tokens each reads
 * @param tokens each generates
 * @param models at least one; the others are compared with the first
 */
public record GenerationSpeeds(
    int prompt, int tokens, Device device, List<GenerationSpeed> models) {

  /** As JSON. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("workload", Workload.GENERATE.toString());
    json.put("prompt_tokens", prompt).put("generated_tokens", tokens);
    json.put("device", device.toString()).put("threads", MatrixProducts.threads());
    var all = json.putArray("models");
    models.forEach(each -> all.add(each.toJson(prompt, tokens, models.get(0))));
    return json;
  }

  /** As a table for people: one column per model. */
  public String table() {
    var first = models.get(0);
    var lines = new StringJoiner(System.lineSeparator());
    lines.add(row("", GenerationSpeed::model));
    lines.add(row("parameters", each -> number("%,d", each.parameters())));
    lines.add(row("on disk", each -> DiskSpace.text(each.diskBytes())));
    lines.add(row("weights in memory", each -> DiskSpace.text(each.weightBytes())));
    lines.add(
        row("kept a token", each -> number("%,d bytes", each.textBytes() / (prompt + tokens))));
    lines.add(row("prompt tokens/s", each -> number("%,.1f", prompt / each.reading().best())));
    lines.add(row("  of its products'", each -> number("%.3f", each.readingFraction())));
    lines.add(
        row(
            "  beside the first",
            each -> number("%.3f", first.reading().best() / each.reading().best())));
    lines.add(row("generated tokens/s", each -> number("%,.1f", tokens / each.speaking().best())));
    lines.add(row("  of its products'", each -> number("%.3f", each.speakingFraction())));
    lines.add(
        row(
            "  beside the first",
            each -> number("%.3f", first.speaking().best() / each.speaking().best())));
    return lines.toString();
  }

  private static String number(String form, Object value) {
    return String.format(Locale.ROOT, form, value);
  }

  private String row(String name, Function<GenerationSpeed, String> cell) {
    var line = new StringBuilder("%-20s".formatted(name));
    models.forEach(each -> line.append(" %20s".formatted(cell.apply(each))));
    return line.toString();
  }
}
