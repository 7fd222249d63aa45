namespace UsageTracking.Tests.Testing;

/// <summary>Tests that repeat something do so more often, or longer, where $USAGE_TEST_LONG is 1.</summary>
internal static class Long
{
    public static bool IsAsked => Environment.GetEnvironmentVariable("USAGE_TEST_LONG") == "1";

    public static T Or<T>(T full, T brief) => IsAsked ? full : brief;
}
