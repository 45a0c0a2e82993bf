namespace Ducts.WebApis;

/// <summary>A handler's result could not be written: a fault of the server's side, whatever the serializer threw.</summary>
internal sealed class UnwritableResultException(Exception innerException) : Exception(innerException.Message, innerException);
