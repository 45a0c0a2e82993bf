namespace Ducts.Server.Tests.WebApis;

internal enum Colour
{
    Red,
    Green,
}
