public sealed class Half : DuctsHandler
{
    public IEnumerable<string> Handle()
    {
        yield return "one";
        yield return "two";
        throw new KeyNotFoundException("no third");
    }
}
