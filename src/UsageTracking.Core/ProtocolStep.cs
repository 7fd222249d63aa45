namespace UsageTracking;

/// <summary>
/// The points at which a process may be killed without losing or doubling a record: tests kill it there. Nobody listens otherwise.
/// </summary>
internal static class ProtocolStep
{
    public static Action<string>? Passed { get; set; }

    public static void Pass(string name) => Passed?.Invoke(name);
}
