using Ducts;
using Microsoft.AspNetCore.Authorization;

namespace LoginPage.Handlers;

/// <summary>Lets administrators sign somebody out; returns how many sessions that has ended.</summary>
[Authorize(Roles = "admin")]
[Event(1001, "SIGN_OUT")]
public sealed class SignOut(IUserCollection users) : DuctsHandler
{
    public Task<int> HandleAsync(string name) => users[name].CloseAsync("signed out");
}
