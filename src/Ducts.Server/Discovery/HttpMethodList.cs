using Microsoft.AspNetCore.Http;

namespace Ducts.Discovery;

/// <summary>The lists of methods that fixed endpoints are mapped for.</summary>
internal static class HttpMethodList
{
    public static readonly string[] Get = [HttpMethods.Get];

    public static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];
}
