// Node's own fetch, as a program of today would call REST 1.0.
const [url, account, key, recipient, ...texts] = process.argv.slice(2);

async function send(text, key) {
  const answer = await fetch(`${url}/api/sms/send`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: `Basic ${Buffer.from(`${account}:${key}`).toString("base64")}`,
    },
    body: JSON.stringify({ From: "iP1", Numbers: [`+${recipient}`], Message: text }),
  });
  const document = await answer.json();
  const call = answer.ok ? "sms" : "wrong";
  console.log(JSON.stringify({ call, read: String(answer.ok ? document[0].ID : document.Message), status: answer.status }));
}

async function main() {
  for (const text of texts) await send(text, key);
  await send("never", `not-${key}`);
}

main();
