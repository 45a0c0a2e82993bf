// The file's name gives the event its id and key: 1000, HELLO.
// A page calls it with: await duct.call("HELLO", { name: "Ada" })
public sealed class Hello : DuctsHandler
{
    public string Handle(string name = "world") => $"Hello, {name}!";
}
