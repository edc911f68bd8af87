// What is accepted of a sensor.
exports.accept = (body, most) => {
  if (body.length > most) throw new Error(`a batch of ${body.length} is larger than maxBatch (${most})`);
};
