using System.Security.Claims;
using Ducts;
using Microsoft.AspNetCore.Authorization;

namespace LoginPage.Handlers;

/// <summary>Greets whoever has signed in.</summary>
[Authorize]
[Event(1000, "HELLO")]
public sealed class Hello : DuctsHandler
{
    public string Handle(ClaimsPrincipal user) => $"Hello, {user.Identity!.Name}!";
}
