// node soap, by the WSDL. First argument: 1.1 or 1.2.
const soap = require("soap");

const [version, url, account, key, recipient, ...texts] = process.argv.slice(2);
const tell = (call, read) => console.log(JSON.stringify({ call, read: String(read) }));

async function main() {
  const options = { forceSoap12Headers: version === "1.2" };
  const client = await soap.createClientAsync(`${url}/sendsms/sendsms.asmx?wsdl`, options);

  const [balance] = await client.balansAsync({ konto: account, passwd: key });
  tell("balans", balance.balansResult);

  const send = async (text, key) => {
    const values = { konto: account, passwd: key, till: recipient, from: "iP1", meddelande: text, prio: "1" };
    const [result] = await client.smsAsync(values);
    return result.smsResult;
  };
  for (const text of texts) tell("sms", await send(text, key));
  tell("wrong", await send("never", `not-${key}`));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
