using System.Globalization;
using System.Net;
using Ducts.Load.Peers;

// Usage: Ducts.Load.Peers kestrel|signalr PORT
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[1], CultureInfo.InvariantCulture)));
Action<WebApplication> map = args[0] switch
{
    "kestrel" => BareWebSockets.Map,
    "signalr" => LoadHub.Add(builder),
    _ => throw new ArgumentException($"no server {args[0]}"),
};

var app = builder.Build();
map(app);
app.Lifetime.ApplicationStarted.Register(static () => Console.WriteLine("READY"));
await app.RunAsync();
