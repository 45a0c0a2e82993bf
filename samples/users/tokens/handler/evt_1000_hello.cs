// handler/evt_1000_hello.cs
[Authorize]
public sealed class Hello : DuctsHandler
{
    public string Handle(ClaimsPrincipal user) => $"Hello, {user.FindFirst(ClaimTypes.NameIdentifier)!.Value}!";
}
