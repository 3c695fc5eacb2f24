import java.net.URL;
import sendsms.SendSmsLocator;
import sendsms.SendSmsSoap_PortType;

/** A proxy that Axis 1.4's WSDL2Java made, as compiled programs have one. */
public class SoapProxy {
    public static void main(String[] arguments) throws Exception {
        String account = arguments[1], key = arguments[2], recipient = arguments[3];
        URL address = new URL(arguments[0] + "/sendsms/sendsms.asmx");
        SendSmsSoap_PortType service = new SendSmsLocator().getsendSmsSoap(address);

        tell("balans", service.balans(account, key));
        for (int index = 4; index < arguments.length; index++)
            tell("sms", service.sms(account, key, recipient, "iP1", arguments[index], 1));
        tell("wrong", service.sms(account, "not-" + key, recipient, "iP1", "never", 1));
    }

    static void tell(String call, String read) {
        System.out.printf("{\"call\": \"%s\", \"read\": \"%s\"}%n", call, read);
    }
}
