// Arguments are bound by name; the record goes back as a map.
public sealed class Greet : DuctsHandler
{
    public Greeting Handle(string name, string language = "en")
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException("Please tell me your name.");

        var hello = language switch
        {
            "de" => "Guten Tag",
            "fr" => "Bonjour",
            "ja" => "こんにちは",
            "sw" => "Habari",
            _ => "Hello",
        };
        return new Greeting($"{hello}, {name.Trim()}!", DateTimeOffset.Now);
    }

    public sealed record Greeting(string Text, DateTimeOffset At);
}
