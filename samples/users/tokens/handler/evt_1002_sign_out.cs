// handler/evt_1002_sign_out.cs
[Authorize(Roles = "admin")]
public sealed class SignOut(IUserCollection users) : DuctsHandler
{
    public Task<int> HandleAsync(string name) => users[name].CloseAsync("signed out");
}
