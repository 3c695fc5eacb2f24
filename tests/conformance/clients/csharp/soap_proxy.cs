// A proxy that wsdl.exe made, as compiled programs have one.
using System;
using System.Reflection;

public static class SoapProxy
{
    public static void Main(string[] arguments)
    {
        string url = arguments[0], account = arguments[1], key = arguments[2], recipient = arguments[3];
        var proxy = new sendSms { Url = url + "/sendsms/sendsms.asmx" };

        Tell("balans", Call(proxy, "balans", account, key));
        for (int index = 4; index < arguments.Length; index++)
            Tell("sms", Call(proxy, "sms", account, key, recipient, "iP1", arguments[index], "1"));
        Tell("wrong", Call(proxy, "sms", account, "not-" + key, recipient, "iP1", "never", "1"));
    }

    // The gateway's WSDL has each parameter twice, in small letters and with a capital: the latter stay null.
    static string Call(sendSms proxy, string operation, params string[] values)
    {
        MethodInfo method = proxy.GetType().GetMethod(operation);
        ParameterInfo[] parameters = method.GetParameters();
        var arguments = new object[parameters.Length];
        for (int index = 0; index < values.Length; index++)
            arguments[index] = Convert.ChangeType(values[index], parameters[index].ParameterType);
        return (string) method.Invoke(proxy, arguments);
    }

    static void Tell(string call, string read)
    {
        Console.WriteLine("{{\"call\": \"{0}\", \"read\": \"{1}\"}}", call, read);
    }
}
