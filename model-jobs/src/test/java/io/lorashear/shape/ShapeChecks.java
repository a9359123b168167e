package io.lorashear.shape;

import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** Says of widths, without the rules that chose them, what a shape's readers would not take. */
public final class ShapeChecks {
  private ShapeChecks() {}

  /** What is against the shape; nothing where it holds. */
  public static List<String> broken(Shape shape, int multiple, ModelConfig config) {
    var broken = new ArrayList<String>();
    var layers = config.layers();
    for (int i = 0; i < layers.size(); i++) {
      for (int channels : layers.get(i).mlps()) {
        if (channels % multiple != 0) {
          broken.add("layer " + i + " has " + channels + " channels");
        }
      }
      if (shape == Shape.DECI) {
        broken.addAll(deci(layers, i));
      } else if (!layers.get(i).attends() || !layers.get(i).hasMlp()) {
        broken.add("layer " + i + " lacks a part");
      }
    }
    if (shape == Shape.UNIFORM || shape == Shape.UNIFORM_FFN) {
      if (!config.uniform()) {
        broken.add("widths differ");
      }
    }
    if (shape == Shape.UNIFORM && config.hiddenSize() % layers.get(0).queryHeads() != 0) {
      broken.add(layers.get(0).queryHeads() + " heads of " + config.hiddenSize());
    }
    return broken;
  }

  private static List<String> deci(List<LayerWidths> layers, int i) {
    var broken = new ArrayList<String>();
    var layer = layers.get(i);
    if (layer.attends() && layer.keyValueHeads() != layers.get(0).keyValueHeads()) {
      broken.add("layer " + i + " has " + layer.keyValueHeads() + " heads");
    }
    if (layer.attends() && !layer.hasMlp()) {
      broken.add("layer " + i + " has attention and no MLP");
    }
    if (i == 0 && !layer.attends()) {
      broken.add("the first layer has no attention");
    }
    if (i == layers.size() - 1 && !layer.hasMlp()) {
      broken.add("the last layer has no MLP");
    }
    return broken;
  }
}
