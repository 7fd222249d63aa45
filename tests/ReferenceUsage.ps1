# Dot-sourced by Reports.Tests.ps1: a year of usage, the same at every run but for the last weeks, which go by the clock.

# The records of 2025 and a few days around it: at random, and on and beside every boundary that reports cut at.
function Get-ReferenceUsage {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [datetimeoffset] $Now)

    $random = [random]::new(2025)
    $services = 'api', 'storage', 'bandwidth', 'compute', 'database', 'functions'
    $prices = '0.0001', '0.0123456789', '0.0000000001', '0', '3', '0.00001', '0.5'
    $endpoints = '/users', '/orders', "/o'brien?x=`"1`"&y=%_", '/Grüße/日本/🚀', '/a\b', '', '42', 42
    $methods = 'GET', 'POST', "it's"
    # Ties at the twelfth decimal, the smallest, sums that need more digits than a decimal has, and a zero.
    $odd = '0.000000000000000001', '0.0000000000005', '0.0000000000015', '0.0000000000025', '0.3333333333335', '0', '1', '2.50', '7777777.777777777777777777',
        '123456789.123456789012345678', '999999999999', '0.1', '1e-9'
    $day = [timespan]::TicksPerDay
    $microsecond = [timespan]::TicksPerMicrosecond
    $first = [datetimeoffset]::new(2024, 12, 27, 0, 0, 0, [timespan]::Zero)
    $zero = [timespan]::Zero

    # 'customer' is a number; the low ones have most.
    $record = {
        param([long] $Ticks, [int] $Customer, [string] $Service, [string] $Quantity)

        $metadata = @{}
        if ($random.Next(5)) { $metadata.endpoint = $random.Next(20) ? $endpoints[$random.Next($endpoints.Count)] : $null }
        if ($random.Next(4)) { $metadata.method = $methods[$random.Next($methods.Count)] }
        [pscustomobject]@{
            CustomerId = $Customer -lt 10 ? "c0$Customer" : "c$Customer"
            Service    = $Service
            Quantity   = $Quantity
            UnitCost   = $prices[$random.Next($prices.Count)]
            Timestamp  = [datetimeoffset]::new($Ticks, $zero)
            Metadata   = $metadata
        }
    }
    $anyone = { 1 + [int] [math]::Floor(20 * [math]::Pow($random.NextDouble(), 2)) }
    $anything = { $services[[int] [math]::Floor(6 * [math]::Pow($random.NextDouble(), 1.5))] }
    $quantity = {
        switch ($random.Next(6)) {
            0 { $odd[$random.Next($odd.Count)] }
            1 { "$($random.Next(1, 5))" }
            2 { "$($random.Next(1, 1000)).$($random.NextInt64(1000000000, 9999999999))$($random.Next(10000000, 99999999))" }
            3 { "0.$('0' * $random.Next(1, 14))$($random.Next(1, 9999))" }
            default { "$($random.Next(1, 100)).$($random.Next(10, 99))" }
        }
    }

    foreach ($n in 1..11000) {
        $ticks = $first.Ticks + [long] ($random.NextDouble() * 374 * $day / $microsecond) * $microsecond
        & $record $ticks (& $anyone) (& $anything) (& $quantity)
    }

    # Every local midnight of each zone, 600 hours and 600 quarter hours, and one microsecond before and after each.
    $instants = [System.Collections.Generic.List[long]]::new()
    foreach ($id in 'UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe') {
        $zone = [TimeZoneInfo]::FindSystemTimeZoneById($id)
        foreach ($n in 0..372) { $instants.Add([TimeZoneInfo]::ConvertTimeToUtc($first.DateTime.AddDays($n), $zone).Ticks) }
    }
    foreach ($n in 1..600) {
        $instants.Add($first.Ticks + $random.Next(373 * 24) * [timespan]::TicksPerHour)
        $instants.Add($first.Ticks + $random.Next(373 * 96) * 15 * [timespan]::TicksPerMinute)
    }
    foreach ($ticks in $instants) {
        foreach ($aside in - $microsecond, 0, $microsecond) { & $record ($ticks + $aside) (& $anyone) (& $anything) (& $quantity) }
    }

    # The hours around each change of clocks.
    foreach ($change in '2025-03-30T01:00Z', '2025-10-26T01:00Z', '2025-03-09T07:00Z', '2025-11-02T06:00Z', '2025-04-05T15:00Z', '2025-10-04T15:30Z') {
        $ticks = [datetimeoffset]::Parse($change, [cultureinfo]::InvariantCulture).UtcTicks
        foreach ($minutes in -90, -60, -30, -15, 0, 15, 30, 45, 60, 90, 120) {
            foreach ($aside in - $microsecond, 0, $microsecond) {
                & $record ($ticks + $minutes * [timespan]::TicksPerMinute + $aside) $random.Next(1, 4) (& $anything) (& $quantity)
            }
        }
    }

    # Several in one quarter hour; and equal peaks, some in the same hour.
    foreach ($second in 0, 60, 61, 299.999999, 300, 539.999999, 540, 540.000001, 899.999999) {
        $ticks = [datetimeoffset]::new(2025, 5, 15, 10, 0, 0, $zero).AddTicks([long] ($second * 1000000) * $microsecond).Ticks
        foreach ($customer in 1, 2, 7) { & $record $ticks $customer 'api' (& $quantity) }
    }
    foreach ($month in 1..12) {
        $ticks = [datetimeoffset]::new(2025, $month, 11, 11, 11, 11, $zero).Ticks
        foreach ($customer in 3, 7, 11) { & $record $ticks $customer $services[$month % 3] '5000000000000' }
    }

    # A service used at the hours in which some clock changes, nearly alike every week, but for some weeks.
    foreach ($week in 0..52) {
        $saturday = [datetimeoffset]::new(2024, 12, 28, 0, 0, 0, $zero).AddDays(7 * $week)
        foreach ($hour in 13.9, 14.2, 14.7, 15.2, 15.7, 16.2, 24.2, 24.7, 25.2, 25.7, 26.2, 28.7, 29.2, 30.2, 31.2, 32.2) {
            $ticks = $saturday.AddMinutes([int] (60 * $hour)).Ticks
            $usual = 100 + $random.Next(-8, 8) + $random.Next(1000) / 1000d
            $spike = $random.Next(6) -eq 0 ? 3 : 1
            & $record $ticks 20 'functions' ([decimal] ($usual * $spike)).ToString([cultureinfo]::InvariantCulture)
        }
    }

    # The last ten weeks: most days alike, some without use, one of much; today; and one that is still to come.
    $today = [datetimeoffset]::new($Now.UtcDateTime.Date, $zero)
    foreach ($n in 70..1) {
        $midnight = $today.AddDays(-$n).Ticks
        if ($n -in 3, 9) { continue }
        foreach ($hour in 2, 9.25, 13, 18.75) {
            $ticks = $midnight + [long] ($hour * [timespan]::TicksPerHour)
            & $record $ticks 1 'api' "$($random.Next(90, 110)).$($random.Next(100, 999))"
            if ($n % 3) { & $record $ticks 2 'storage' "$($random.Next(1, 9))" }
        }
        if ($n -in 2, 5) { & $record ($midnight + 9 * [timespan]::TicksPerHour) 1 'api' '2500.000000000001' }
    }
    foreach ($id in 'UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe') {
        $zone = [TimeZoneInfo]::FindSystemTimeZoneById($id)
        $midnight = [TimeZoneInfo]::ConvertTime($Now, $zone).Date
        foreach ($n in 0, 1, 2, 7, 8, 9) {
            $ticks = [TimeZoneInfo]::ConvertTimeToUtc($midnight.AddDays(-$n), $zone).Ticks
            foreach ($aside in - $microsecond, 0, $microsecond) { & $record ($ticks + $aside) 2 'compute' "$($random.Next(1, 99)).125" }
            & $record ($ticks - $microsecond) 3 $services[$n % 6] '0.5'
        }
    }
    & $record ($Now.UtcTicks - 600000000) 1 'api' '12.345678901234'
    & $record $Now.UtcTicks 3 'database' '3'
    & $record ($Now.UtcTicks + 2 * [timespan]::TicksPerHour) 1 'api' '1000000'
}

# A database with the same records in a plain table, which only the SQL of the tests reads.
function New-ReferenceDatabase {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param([Parameter(Mandatory)] [object[]] $Record, [Parameter(Mandatory)] [string] $Path)

    # What is missing is not the same as what is empty, in quotes.
    $lines = foreach ($r in $Record) {
        $endpoint, $method = foreach ($key in 'endpoint', 'method') {
            $null -eq $r.Metadata[$key] ? '' : '"' + "$($r.Metadata[$key])".Replace('"', '""') + '"'
        }
        "$($r.CustomerId),$($r.Service),$($r.Quantity),$($r.UnitCost),$endpoint,$method,$($r.Timestamp.ToString('o', [cultureinfo]::InvariantCulture))"
    }
    [System.IO.File]::WriteAllLines($Path, [string[]] $lines)

    $database = New-TestStore -Kind PostgreSql -Empty
    # Compiling a query takes longer than any of them.
    $null = Invoke-Psql $database "alter database $($database.Name) set jit = off"
    $null = Invoke-Psql $database @'
        create table reference (customer text collate "C", service text, quantity numeric, unit_cost numeric, endpoint text, method text, at timestamptz);
        create index on reference (at);
        create table catalogue (position int, service text, unit text, price numeric);
        insert into catalogue values (1, 'api', 'requests', 0.0001), (2, 'storage', 'GB-hours', 0.001), (3, 'bandwidth', 'GB', 0.01),
            (4, 'compute', 'CPU-hours', 0.05), (5, 'database', 'queries', 0.00001), (6, 'functions', 'invocations', 0.0002);

        -- The quotient to 12 decimals, half to even; numeric's own division and round() do neither.
        create function quotient(a numeric, b numeric) returns numeric language sql immutable as $$
            select trim_scale((q + case when 2 * r > b or (2 * r = b and q % 2 <> 0) then sign(a) else 0 end) * 0.000000000001)
            from (select div(a * 1000000000000, b) as q, abs(a * 1000000000000 - div(a * 1000000000000, b) * b) as r) as parts $$;

        -- What the zone's clocks show, and how far they are from UTC.
        create function clock(at timestamptz, zone text) returns text language sql stable as $$
            select to_char(at at time zone zone, 'YYYY-MM-DD HH24:MI:SS.US') || case when o < '0' then '-' else '+' end || to_char(greatest(o, -o), 'HH24:MI')
            from (select (at at time zone zone) - (at at time zone 'UTC') as o) as difference $$;

        create function median(numeric[]) returns numeric language sql immutable as $$
            select (max(v) filter (where r = (n + 1) / 2) + max(v) filter (where r = (n + 2) / 2)) * 0.5
            from (select v, row_number() over (order by v) as r, count(*) over () as n from unnest($1) as v) as sorted $$;
'@
    $null = Invoke-Psql $database "\copy reference from '$Path' csv"
    $null = Invoke-Psql $database 'analyze reference'
    $database
}
