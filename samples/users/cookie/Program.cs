using System.Security.Claims;
using Ducts;
using Microsoft.AspNetCore.Authentication.Cookies;

const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;
// Your application asks its database, ASP.NET Core Identity, or whoever knows its users.
var people = new Dictionary<string, (string Password, string Role)> { ["ada"] = ("duck", "admin"), ["bob"] = ("duck", "guest") };

var builder = WebApplication.CreateBuilder(args);
// A cookie that slides is issued anew now and then, also to those who have been signed out meanwhile.
builder.Services.AddAuthentication(Scheme).AddCookie(options => options.SlidingExpiration = false);
builder.Services.AddDucts().AddHandlers(typeof(Program).Assembly).AddEmbeddedRedis();

var app = builder.Build();
app.UseFileServer();
app.MapDucts();
app.MapPost("/sign-in", (Credentials credentials) =>
{
    if (!people.TryGetValue(credentials.Name, out var person) || person.Password != credentials.Password)
    {
        return Results.Problem("The name or the password is wrong.", statusCode: StatusCodes.Status401Unauthorized);
    }

    var identity = new ClaimsIdentity([new(ClaimTypes.Name, credentials.Name), new(ClaimTypes.Role, person.Role)], Scheme);
    return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: Scheme);
});
app.MapPost("/sign-out", async (ClaimsPrincipal user, IUserCollection users) =>
{
    // Without this, sessions that are open go on until the cookie expires.
    if (user.Identity?.Name is { } name)
    {
        await users[name].CloseAsync("signed out");
    }

    return Results.SignOut(authenticationSchemes: [Scheme]);
});
app.Run();

internal sealed record Credentials(string Name, string Password);
