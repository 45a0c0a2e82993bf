namespace Ducts.Server.Tests.WebApis;

internal sealed record Order(int Id, string Text, Colour Colour);
