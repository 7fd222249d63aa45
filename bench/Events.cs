// Through Add-Type: so the BCL and PowerShell only, and every using spelled out.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;

namespace UsageTracking.Bench
{
    /// <summary>An event as a program would have it: an object of a class, its metadata a hashtable.</summary>
    public sealed class Event
    {
        public string CustomerId { get; set; }

        public string Service { get; set; }

        public decimal Quantity { get; set; }

        public DateTimeOffset Timestamp { get; set; }

        public Hashtable Metadata { get; set; }
    }

    public static class Events
    {
        /// <summary>Requests and traffic in order of time, as a log would give them, up to now.</summary>
        /// <param name="count">How many.</param>
        /// <param name="days">The time they are spread over.</param>
        /// <param name="customers">Whose they are, in turn.</param>
        /// <param name="prefix">How the customers' ids begin.</param>
        /// <param name="daysAgo">How long ago they end.</param>
        public static IEnumerable<Event> Make(long count, double days, int customers, string prefix, double daysAgo = 0)
        {
            TimeSpan span = TimeSpan.FromDays(days);
            DateTimeOffset start = DateTimeOffset.UtcNow - span - TimeSpan.FromDays(daysAgo);
            for (long i = 0; i < count; i++)
            {
                yield return new Event
                {
                    CustomerId = prefix + (i % customers),
                    Service = i % 4 == 0 ? "bandwidth" : "api",
                    Quantity = i % 4 == 0 ? 0.000488m * (i % 97) : 1,
                    Timestamp = start + (span * ((double)i / count)),
                    Metadata = new Hashtable { { "endpoint", "/api/users/" + (i % 500) }, { "method", "GET" }, { "status", 200 } },
                };
            }
        }
    }

    /// <summary>What PowerShell itself charges for a call.</summary>
    [Cmdlet("Test", "EmptyCmdlet")]
    public sealed class TestEmptyCmdletCommand : PSCmdlet
    {
        [Parameter(Position = 0)]
        public string Service { get; set; }

        [Parameter(Position = 1)]
        public object Quantity { get; set; }
    }
}
