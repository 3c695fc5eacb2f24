// HttpClient, as in the provider's C# sample for REST 1.0.
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

public static class RestHttpClient
{
    public static void Main(string[] arguments)
    {
        string url = arguments[0], account = arguments[1], key = arguments[2], recipient = arguments[3];
        for (int index = 4; index < arguments.Length; index++)
            Send(url, account, key, recipient, arguments[index]);
        Send(url, account, "not-" + key, recipient, "never");
    }

    static void Send(string url, string account, string key, string recipient, string text)
    {
        using (var client = new HttpClient())
        {
            client.BaseAddress = new Uri(url + "/api/");
            client.DefaultRequestHeaders.Accept.Clear();
            client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(account + ":" + key)));
            var json = "{\"From\": \"iP1\", \"Numbers\": [\"" + recipient + "\"], \"Contacts\": [], \"Groups\": [], "
                + "\"Message\": \"" + text + "\", \"Prio\": 1, \"Email\": false}";
            var response = client.PostAsync("sms/send", new StringContent(json, Encoding.UTF8, "application/json")).Result;
            var id = Regex.Match(response.Content.ReadAsStringAsync().Result, "\"ID\": *([0-9]+)").Groups[1].Value;
            Console.WriteLine("{{\"call\": \"{0}\", \"read\": \"{1}\", \"status\": {2}}}",
                response.IsSuccessStatusCode ? "sms" : "wrong", id, (int) response.StatusCode);
        }
    }
}
