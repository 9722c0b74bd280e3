// What the inner figures of a training mean, in plain words.
"use strict";

const digits = (value, count = 3) => (value === null || value === undefined ? "–" : String(+value.toPrecision(count)));

function entropyWords(entropy, actions) {
  if (!actions) return "Lower means that the car is surer of what it does.";
  const share = entropy / Math.log(actions);
  if (share > 0.85) return "Nearly every action is as likely as any other: it still tries everything.";
  if (share > 0.5) return "It has preferences and still tries a lot.";
  if (share > 0.15) return "Mostly decided.";
  return "It hardly tries anything new; if progress is poor, raise the entropy.";
}

function klWords(kl) {
  if (kl > 0.05) return "The last update changed the driving a lot; if the reward jumps up and down, lower the learning rate.";
  if (kl > 0.003) return "Updates are of a healthy size.";
  return "Updates change little; a higher learning rate would learn sooner.";
}

function clipWords(share) {
  if (share > 0.35) return "Many updates ran into the limit; a lower learning rate is calmer.";
  return "Few updates run into the limit that keeps them small.";
}

function varianceWords(value) {
  if (value > 0.7) return "The critic foresees well how much reward will come.";
  if (value > 0.2) return "The critic has a fair idea of how much reward will come.";
  return "The critic does not yet foresee the reward; usual at the beginning.";
}

// Rows {name, value, words} of one line of the progress file.
export function diagnosis(line, actions) {
  const rows = [{ name: "Iteration", value: String(line.iteration), words: `${line.steps_per_s ? Math.round(line.steps_per_s).toLocaleString("en") : "–"} steps per second while it learnt.` }];
  const has = (name) => line[name] !== null && line[name] !== undefined;
  if (has("entropy")) rows.push({ name: "Entropy", value: `${digits(line.entropy)}${actions ? ` of ${digits(Math.log(actions))}` : ""}`, words: entropyWords(line.entropy, actions) });
  if (has("approx_kl")) rows.push({ name: "KL divergence", value: digits(line.approx_kl), words: klWords(line.approx_kl) });
  if (has("clip_fraction")) rows.push({ name: "Clipped share", value: `${digits(line.clip_fraction * 100, 2)} %`, words: clipWords(line.clip_fraction) });
  if (has("explained_variance")) rows.push({ name: "Explained variance", value: digits(line.explained_variance, 2), words: varianceWords(line.explained_variance) });
  if (has("policy_loss")) rows.push({ name: "Policy loss", value: digits(line.policy_loss), words: "Near zero by nature; only a sudden jump says something." });
  if (has("value_loss")) rows.push({ name: "Value loss", value: digits(line.value_loss), words: "The error of the critic; it grows with the rewards and should not explode." });
  if (has("alpha")) rows.push({ name: "Alpha", value: digits(line.alpha), words: "What random driving is worth to SAC." });
  if (has("crashes") && line.crashes) rows.push({ name: "Crashes", value: String(line.crashes), words: "Episodes of this iteration that ended in a crash." });
  return rows;
}
