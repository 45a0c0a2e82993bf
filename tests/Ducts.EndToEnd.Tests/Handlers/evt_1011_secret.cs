public sealed class Secret : DuctsHandler
{
    public void Handle() => throw new InvalidOperationException("the password is 1234");
}
