// Event HELLO, id 1000: both come from the file's name.
public sealed class Hello : DuctsHandler
{
    public string Handle() => $"Hello from {Environment.MachineName}.";
}
