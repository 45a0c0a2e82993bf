// handler/evt_1002_paid.cs
[Authorize(Roles = "service")]
public sealed class Paid : DuctsHandler
{
    public string Handle(int invoice, ClaimsPrincipal user) => $"invoice {invoice} is paid, says {user.Identity!.Name}";
}
