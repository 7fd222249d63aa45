BeforeDiscovery {
    . $PSScriptRoot/Common.ps1

    $script:badItems = @(
        @{ Name = 'an unknown service'; Bad = @{ Service = 'nosuch' }; ErrorId = 'UnknownService'; Category = 'ObjectNotFound' }
        @{ Name = 'an empty service'; Bad = @{ Service = '' }; ErrorId = 'UnknownService'; Category = 'InvalidArgument' }
        @{ Name = 'a negative quantity'; Bad = @{ Quantity = -1 }; ErrorId = 'InvalidQuantity' }
        @{ Name = 'a quantity of text'; Bad = @{ Quantity = 'many' }; ErrorId = 'InvalidQuantity' }
        @{ Name = "a quantity of '1,5'"; Bad = @{ Quantity = '1,5' }; ErrorId = 'InvalidQuantity' }
        @{ Name = 'a null quantity'; Bad = @{ Quantity = $null }; ErrorId = 'InvalidQuantity' }
        @{ Name = 'an empty quantity'; Bad = @{ Quantity = '' }; ErrorId = 'InvalidQuantity' }
        @{ Name = 'a quantity that is not a number'; Bad = @{ Quantity = [double]::NaN }; ErrorId = 'InvalidQuantity' }
        @{ Name = 'metadata that is no JSON'; Bad = @{ Metadata = '{broken' }; ErrorId = 'InvalidMetadata' }
        @{ Name = 'metadata that is no object'; Bad = @{ Metadata = '[1,2]' }; ErrorId = 'InvalidMetadata' }
        @{ Name = 'metadata of more than 64 KiB'; Bad = @{ Metadata = @{ a = 'x' * 65536 } }; ErrorId = 'InvalidMetadata' }
        @{ Name = 'metadata with a NUL'; Bad = @{ Metadata = @{ a = "x`0y" } }; ErrorId = 'InvalidMetadata' }
        @{ Name = 'a date that does not exist'; Bad = @{ Timestamp = '2026-02-30' }; ErrorId = 'InvalidTimestamp' }
        @{ Name = 'a date in a local form'; Bad = @{ Timestamp = '30.01.2026' }; ErrorId = 'InvalidTimestamp' }
        @{ Name = 'a time before 1980'; Bad = @{ Timestamp = '1979-12-31T23:59:59Z' }; ErrorId = 'InvalidTimestamp' }
        @{ Name = 'a time two days ahead'; Bad = @{ Timestamp = [datetime]::UtcNow.AddDays(2) }; ErrorId = 'InvalidTimestamp' }
        @{ Name = 'a customer id with a control character'; Bad = @{ CustomerId = "a`tb" }; ErrorId = 'InvalidCustomerId' }
        @{ Name = 'a customer id with a wildcard'; Bad = @{ CustomerId = 'a*' }; ErrorId = 'InvalidCustomerId' }
        @{ Name = 'a negative unit cost'; Bad = @{ UnitCost = '-0.1' }; ErrorId = 'InvalidUnitCost' }
        @{ Name = 'an event key of 256 characters'; Bad = @{ EventKey = 'k' * 256 }; ErrorId = 'InvalidEventKey' }
    )
}
BeforeAll {
    . $PSScriptRoot/Common.ps1

    class UsageEvent {
        [string] $Service
        [decimal] $Quantity
        [datetime] $Timestamp
        [hashtable] $Metadata
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageRecord to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:time = $store.Path ? 'recorded_at' : "to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US""Z""')"

            # How many records a customer has, and the sum of their quantities.
            function Get-Total([string] $CustomerId = $customer) {
                $sum = Get-Stored 'quantity' $CustomerId | ForEach-Object { [decimal] $_ } | Measure-Object -Sum
                "$($sum.Count) $($sum.Sum)"
            }

            # The columns asked for, of the records of one customer, as the store's own program shows them.
            function Get-Stored([string] $Columns, [string] $CustomerId = $customer) {
                $null = Invoke-UsageFlush
                Invoke-Sql $store "select $Columns from billing_usage_records where customer_id = '$CustomerId' order by usage_id"
            }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            # A customer of its own for every test.
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            Connect-UsageStore @address -CustomerId $customer
        }

        It 'writes nothing, counts one, and takes the price list''s price and the present time' {
            $before = [datetimeoffset]::UtcNow
            Add-UsageRecord api | Should -BeNullOrEmpty
            $after = [datetimeoffset]::UtcNow
            Get-Stored 'service_name, quantity, unit_cost, aggregated' | Should -BeIn 'api|1|0.0001|1', 'api|1|0.0001|t'
            $stored = [datetimeoffset] (Get-Stored $time)
            $stored | Should -BeGreaterOrEqual $before.AddMilliseconds(-1)
            $stored | Should -BeLessOrEqual $after
        }

        It 'takes service, quantity and metadata by position, and the rest by name' {
            Add-UsageRecord storage 2.5 '{"b":1, "a":2}' -Timestamp 2026-01-15T10:00:00+02:00 -UnitCost 0.25 -EventKey first
            Get-Stored "service_name, quantity, unit_cost, event_key, $time" | Should -Be 'storage|2.5|0.25|first|2026-01-15 08:00:00.000000Z'
            "$((Get-UsageRecord -Start 2026-01-15 -End 2026-01-15).Metadata)" | Should -BeExactly '{"a":2,"b":1}'
        }

        It 'reads many objects of a class as it reads one, whatever was added to some of them' {
            $events = foreach ($i in 1..100) {
                $one = [UsageEvent]::new()
                $one.Service = 'api'
                $one.Quantity = $i
                $one.Timestamp = [datetime]::new(2026, 1, 15, 10, 0, 0, [System.DateTimeKind]::Utc)
                $one.Metadata = @{ n = $i }
                $one
            }
            # Members that belong to one object count for it, new ones and those in the place of its class's.
            $null = $events[60] | Add-Member CustomerId "$customer-b" -PassThru | Add-Member Quantity 1000 -Force -PassThru
            $null = $events[70] | Add-Member EventKey '' -PassThru | Add-Member CustomerId $null -PassThru
            $events[80].Service = $null
            $events | Add-UsageRecord -UnitCost 2 -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed | ForEach-Object { $_.FullyQualifiedErrorId -replace ',.*' } | Should -Be 'InvalidCustomerId', 'UnknownService'
            # 5050 less the 61st, 71st and 81st.
            Get-Total | Should -Be '97 4837'
            (Get-Stored "unit_cost, $time" | Sort-Object -Unique) | Should -Be '2|2026-01-15 10:00:00.000000Z'
            Get-Total "$customer-b" | Should -Be '1 1000'
        }

        It 'reads properties that are given to a class from outside' {
            Update-TypeData -TypeName System.Text.StringBuilder -MemberType ScriptProperty -MemberName Quantity -Value { $this.Length } -Force
            try {
                1..50 | ForEach-Object { [System.Text.StringBuilder]::new('x' * $_) } | Add-UsageRecord -Service api
                Get-Total | Should -Be '50 1275'
            }
            finally { Remove-TypeData System.Text.StringBuilder }
        }

        It 'names the property that cannot be read' {
            if (-not ('UsageTracking.Tests.Faulty' -as [type])) {
                Add-Type -TypeDefinition 'namespace UsageTracking.Tests { public class Faulty { public int N { get; set; } public int Quantity { get { if (N == 40) throw new System.InvalidOperationException("no reading"); return N; } } } }'
            }
            1..50 | ForEach-Object { [UsageTracking.Tests.Faulty] @{ N = $_ } } | Add-UsageRecord -Service api -ErrorAction SilentlyContinue -ErrorVariable failed
            "$failed" | Should -BeLike '*Quantity cannot be read*no reading*'
            Get-Total | Should -Be '49 1235'
        }

        It 'reads a <_>' -ForEach 'struct', 'class whose property is a reference', 'class that inherits its properties' {
            $name = @{ struct = 'Value'; 'class whose property is a reference' = 'Reference'; 'class that inherits its properties' = 'Derived' }[$_]
            if (-not ('UsageTracking.Tests.Value' -as [type])) {
                Add-Type -TypeDefinition 'namespace UsageTracking.Tests {
                    public struct Value { public int Quantity { get; set; } }
                    public class Reference { int quantity; public ref int Quantity { get { return ref quantity; } } }
                    public class Base { public virtual int Quantity { get; set; } }
                    public class Derived : Base { public override int Quantity { get { return base.Quantity + 1; } } }
                    public static class Many { public static object[] Of(string name) {
                        var all = new object[50];
                        for (int i = 0; i < 50; i++)
                            if (name == "Value") all[i] = new Value { Quantity = i };
                            else if (name == "Reference") { var r = new Reference(); r.Quantity = i; all[i] = r; }
                            else all[i] = new Derived { Quantity = i };
                        return all; } } }'
            }
            [UsageTracking.Tests.Many]::Of($name) | Add-UsageRecord -Service api -ErrorAction SilentlyContinue -ErrorVariable failed
            # PowerShell reads no references.
            Get-Total | Should -Be @{ Value = '50 1225'; Reference = '0 0'; Derived = '50 1275' }[$name]
            @($failed.Where{ "$_" -like '*Quantity cannot be read*' }).Count | Should -Be ($name -eq 'Reference' ? 50 : 0)
        }

        It 'writes what it added with -PassThru' {
            $added = Add-UsageRecord API 3 @{ a = 1 } -Timestamp '2026-01-15 10:00' -CustomerId other -UnitCost 1 -EventKey k -PassThru
            $added.Service, $added.Quantity, $added.CustomerId, $added.UnitCost, $added.EventKey | Should -Be 'api', 3, 'other', 1, 'k'
            $added.Timestamp.ToString('u') | Should -Be '2026-01-15 10:00:00Z'
            $added.Metadata.a | Should -Be 1
            "$($added.Metadata)" | Should -Be '{"a":1}'
        }

        It 'reads metadata from a <Name>' -ForEach @(
            @{ Name = 'hashtable'; Metadata = @{ path = '/ü/"q"'; n = 1.5; list = 1, 'two'; none = $null; yes = $true } }
            @{ Name = 'PSCustomObject'; Metadata = [pscustomobject]@{ path = '/ü/"q"'; n = 1.5d; list = 1, 'two'; none = $null; yes = $true } }
            @{ Name = 'JSON text'; Metadata = '{"path":"/\u00fc/\"q\"","n":1.5,"list":[1,"two"],"none":null,"yes":true}' }
        ) {
            Add-UsageRecord api -Metadata $Metadata
            "$((Get-UsageRecord).Metadata)" | Should -BeExactly '{"list":[1,"two"],"n":1.5,"none":null,"path":"/ü/\"q\"","yes":true}'
        }

        It 'takes empty metadata for none' {
            Add-UsageRecord api 1 ''
            '{"Service":"api","Metadata":""}', '{"Service":"api","Metadata":null}' | ConvertFrom-Json | Add-UsageRecord
            Get-Stored metadata | Should -Be '{}', '{}', '{}'
        }

        It 'rounds a quantity once, half to even, to 18 decimals: <Given>' -ForEach @(
            @{ Given = '0.1234567890123456785'; Stored = '0.123456789012345678' }
            @{ Given = '0.1234567890123456775'; Stored = '0.123456789012345678' }
            @{ Given = 0.1; Stored = '0.1' }
            @{ Given = 1234567890.123456789012345678d; Stored = '1234567890.123456789012345678' }
            @{ Given = [bigint]::Pow(10, 27); Stored = '1000000000000000000000000000' }
            @{ Given = '1e-3'; Stored = '0.001' }
            @{ Given = ' 7 '; Stored = '7' }
            @{ Given = 0; Stored = '0' }
        ) {
            Add-UsageRecord storage $Given
            Get-Stored quantity | Should -Be $Stored
        }

        It 'reads the time of a <Name>' -ForEach @(
            @{ Name = 'DateTimeOffset, cut to microseconds'; Timestamp = [datetimeoffset] '2026-01-15T12:00:01.2345679-05:00'; Stored = '2026-01-15 17:00:01.234567Z' }
            @{ Name = 'DateTime in UTC'; Timestamp = [datetime]::new(2026, 1, 15, 12, 0, 0, [System.DateTimeKind]::Utc); Stored = '2026-01-15 12:00:00.000000Z' }
            @{ Name = 'DateTime of no zone'; Timestamp = [datetime]::new(2026, 1, 15, 12, 0, 0); Stored = '2026-01-15 17:00:00.000000Z' }
            @{ Name = 'text without an offset'; Timestamp = '2026-01-15 12:00:00.5'; Stored = '2026-01-15 17:00:00.500000Z' }
            @{ Name = 'text with an offset'; Timestamp = '2026-01-15T12:00:00+05:30'; Stored = '2026-01-15 06:30:00.000000Z' }
            @{ Name = 'day'; Timestamp = '2026-01-15'; Stored = '2026-01-15 05:00:00.000000Z' }
            @{ Name = 'DateOnly'; Timestamp = [dateonly]::new(2026, 7, 15); Stored = '2026-07-15 04:00:00.000000Z' }
            @{ Name = 'time that occurs twice, as the first'; Timestamp = '2025-11-02 01:30'; Stored = '2025-11-02 05:30:00.000000Z' }
        ) {
            Add-UsageRecord api -Timestamp $Timestamp -TimeZone America/New_York
            Get-Stored $time | Should -Be $Stored
        }

        It 'names the gap where a local time does not occur' {
            Add-UsageRecord api -Timestamp '2025-03-30 01:30' -TimeZone Europe/London -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidTimestamp,*'
            "$problem" | Should -BeLike '*2025-03-30 01:30*Europe/London*01:00 to 02:00*'
        }

        It 'takes objects, hashtables, typed objects and rows of a CSV file, with the names of exports too' {
            & {
                [pscustomobject]@{ Service = 'api'; Quantity = 1; Timestamp = '2026-01-15' }
                @{ service = 'api'; quantity = '2'; timestamp = [datetime]::new(2026, 1, 15, 0, 0, 0, [System.DateTimeKind]::Utc) }
                [UsageEvent]@{ Service = 'api'; Quantity = 3; Timestamp = [datetime]::new(2026, 1, 15, 0, 0, 0, [System.DateTimeKind]::Utc); Metadata = @{ a = 1 } }
                'timestamp,service,quantity,unit_cost,total_cost,metadata', '2026-01-15 00:00:00,api,4,0.5,2,"{""a"":1}"' | ConvertFrom-Csv
                '{"service_name":"api","quantity":5,"recorded_at":"2026-01-15","unit_cost":null,"event_key":""}' | ConvertFrom-Json -AsHashtable
            } | Add-UsageRecord
            Get-Stored "quantity, unit_cost, $time" | Should -Be @(
                '1|0.0001|2026-01-15 00:00:00.000000Z', '2|0.0001|2026-01-15 00:00:00.000000Z', '3|0.0001|2026-01-15 00:00:00.000000Z'
                '4|0.5|2026-01-15 00:00:00.000000Z', '5|0.0001|2026-01-15 00:00:00.000000Z'
            )
        }

        It 'takes an array by -InputObject' {
            $events = foreach ($n in 1..3) { @{ Service = 'api'; Quantity = $n } }
            Add-UsageRecord -InputObject $events
            Get-Stored quantity | Should -Be 1, 2, 3
        }

        It 'takes records of Get-UsageRecord back, to the last digit' {
            Add-UsageRecord bandwidth '0.123456789012345678' '{"n":1.0}' -Timestamp '2026-01-15T01:02:03.456789Z' -UnitCost '0.0000000001'
            Get-UsageRecord -Start 2026-01-15 -End 2026-01-15 | Add-UsageRecord -CustomerId "$customer-copy"
            $columns = "service_name, quantity, unit_cost, metadata, $time"
            Get-Stored $columns "$customer-copy" | Should -Be (Get-Stored $columns)
        }

        It 'lets the command line win over a property, even one that is no use' {
            [pscustomobject]@{ Service = 'nosuch'; Quantity = 'x'; Metadata = '{broken'; Timestamp = 'never'; UnitCost = 'y'; CustomerId = ''; EventKey = 'old' } |
                Add-UsageRecord api 2 @{} -Timestamp 2026-01-15 -UnitCost 3 -CustomerId $customer -EventKey new
            Get-Stored 'service_name, quantity, unit_cost, event_key' | Should -Be 'api|2|3|new'
        }

        It 'stores an event once per key, and sets aside the same key with other content' {
            1..3 | ForEach-Object { Add-UsageRecord api 2 @{ a = 1 } -EventKey same }
            $flush = Invoke-UsageFlush
            $flush.Committed, $flush.Duplicates, $flush.Rejected | Should -Be 1, 2, 0

            Add-UsageRecord api 3 @{ a = 1 } -EventKey same
            Add-UsageRecord api 2 @{ a = 1 } -EventKey same -CustomerId "$customer-2"
            $flush = Invoke-UsageFlush -WarningAction SilentlyContinue
            $flush.Committed, $flush.Duplicates, $flush.Rejected | Should -Be 1, 0, 1
            Get-Stored quantity | Should -Be 2
        }

        It 'has an error for what is no record: <Item>' -ForEach @{ Item = 5 }, @{ Item = 'api' }, @{ Item = $null } {
            , $Item | Add-UsageRecord -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 1
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidRecord,*'
        }

        Context 'under the culture <_>' -ForEach 'en-US', 'de-DE' {
            BeforeAll {
                $script:before = [cultureinfo]::CurrentCulture
                $script:culture = $_
            }
            BeforeEach { [cultureinfo]::CurrentCulture = $culture }
            AfterEach { [cultureinfo]::CurrentCulture = $before }

            It 'has one error for <Name> in a pipeline, and stores the good ones around it' -ForEach $badItems {
                $item = @{ Service = 'api'; Quantity = 0.5 }
                foreach ($name in $Bad.Keys) { $item[$name] = $Bad[$name] }
                $bad = [pscustomobject] $item
                $events = @{ Service = 'api'; Quantity = 1.5 }, $bad, @{ Service = 'api'; Quantity = '2.5' }

                $events | Add-UsageRecord -ErrorAction SilentlyContinue -ErrorVariable problem
                $problem | Should -HaveCount 1
                $problem[0].FullyQualifiedErrorId | Should -Be "$ErrorId,UsageTracking.Cmdlets.Commands.AddUsageRecordCommand"
                $problem[0].CategoryInfo.Category | Should -Be ($Category ?? 'InvalidArgument')
                $problem[0].TargetObject | Should -Be $bad
                Get-Stored quantity | Should -Be '1.5', '2.5'
            }
        }

        It 'has the bad value itself as target where it was given as an argument' {
            Add-UsageRecord api '1,5' -ErrorAction SilentlyContinue -ErrorVariable problem
            Add-UsageRecord api -Timestamp 2026-02-30 -ErrorAction SilentlyContinue -ErrorVariable +problem
            Add-UsageRecord nosuch -ErrorAction SilentlyContinue -ErrorVariable +problem
            $problem.TargetObject | Should -Be '1,5', '2026-02-30', 'nosuch'
            "$($problem[0])" | Should -BeLike '*point*'
            "$($problem[2])" | Should -BeLike '*api, storage, bandwidth*'
        }

        It 'is done by every runspace of the process in the same store and for the same customer' {
            $module = (Get-Module UsageTracking).Path
            1..100 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:module
                Add-UsageRecord api $_
            }
            $jobs = 1..2 | ForEach-Object {
                Start-ThreadJob { Import-Module $using:module; 1..100 | ForEach-Object { @{ Service = 'api'; Quantity = $_ } } | Add-UsageRecord }
            }
            $jobs | Receive-Job -Wait -AutoRemoveJob
            # 1 + ... + 100 = 5050, three times.
            $usage = Get-Usage api
            $usage.Events, $usage.Quantity | Should -Be 300, 15150
        }

        It 'keeps what a pipeline handed on before it broke off: <Name>' -ForEach @(
            @{ Name = 'Select-Object -First'; Least = 100; Run = { 1..10000 | & $make | Add-UsageRecord -PassThru | Select-Object -First 100 } }
            @{ Name = 'an error upstream'; Least = 500; Run = { 1..10000 | & $make -Until 500 | Add-UsageRecord -PassThru } }
            @{ Name = 'an error downstream'; Least = 300; Run = { 1..10000 | & $make | Add-UsageRecord -PassThru | ForEach-Object { if ($_.Quantity -gt 300) { throw 'enough' }; $_ } } }
        ) {
            $make = { param($Until = 10000) process { if ($_ -gt $Until) { throw 'enough' }; @{ Service = 'api'; Quantity = $_ } } }
            $handedOn = [System.Collections.Generic.List[decimal]]::new()
            try { & $Run | ForEach-Object { $handedOn.Add($_.Quantity) } } catch { "$_" | Should -Be enough }
            $handedOn.Count | Should -Be $Least
            $stored = Get-Stored quantity
            # Each once, and none but what was piped in; one more may have been added that was never handed on.
            [decimal[]] $stored | Sort-Object -Unique | Should -HaveCount $stored.Count
            [decimal[]] $stored | Sort-Object | Select-Object -First $Least | Should -Be $handedOn
            $stored.Count | Should -BeLessOrEqual ($Least + 1)
        }

        It 'keeps what it took without -PassThru before the pipeline broke off' {
            $make = { process { if ($_ -gt 500) { throw 'enough' }; @{ Service = 'api'; Quantity = $_ } } }
            { 1..10000 | & $make | Add-UsageRecord } | Should -Throw enough
            [int[]] (Get-Stored quantity) | Should -Be (1..500)
        }

        It 'stops at Ctrl-C, and keeps what it handed on' {
            $shell = [powershell]::Create().AddScript({
                    param($module)
                    Import-Module $module
                    1..1000000 | ForEach-Object { @{ Service = 'api'; Quantity = $_ } } | Add-UsageRecord -PassThru
                }).AddArgument((Get-Module UsageTracking).Path)
            try {
                $out = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $running = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $out)
                for ($i = 0; $i -lt 1000 -and $out.Count -lt 50; $i++) { Start-Sleep -Milliseconds 10 }
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
                $running.IsCompleted | Should -BeTrue
            }
            finally { $shell.Dispose() }
            $out.Count | Should -BeGreaterOrEqual 50
            $out.Count | Should -BeLessThan 1000000
            $stored = [int[]] (Get-Stored quantity)
            $stored | Should -Be (1..$stored.Count)
            $stored.Count | Should -BeIn $out.Count, ($out.Count + 1)
        }

        It 'is stored when PowerShell ends right afterwards' {
            Invoke-OtherPwsh -ArgumentList $address, $customer {
                param($address, $customer)
                Connect-UsageStore @address -CustomerId $customer
                Add-UsageRecord compute 3
            }
            Get-Stored 'service_name, quantity' | Should -Be 'compute|3'
        }
    }
}

Describe 'Add-UsageRecord' {
    It 'works without anything connected, and says where it stores' {
        $said = Invoke-OtherPwsh -ArgumentList (Join-Path $TestDrive data) {
            param($folder)
            $env:XDG_DATA_HOME = $env:LOCALAPPDATA = $folder
            Add-UsageRecord api -InformationVariable said
            "$said"
            (Get-Usage api).Events
            (Get-UsageStore).Path
        }
        $said | Should -Be "Created the usage store $($said[2]).", 1, $said[2]
    }

    It 'says that the queue cannot be written, ends the call, and works again once it can' -Skip:($IsWindows -or $IsMacOS) {
        $said = Invoke-OtherPwsh -ArgumentList (Join-Path $TestDrive 'unwritable.db') {
            param($path)
            # A folder below a file cannot be made.
            $null = New-Item "$path.blocked"
            $env:USAGE_SPOOL = "$path.blocked/spool"
            Connect-UsageStore $path
            try { 1..3 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord } catch { "$($_.FullyQualifiedErrorId): $_" }
            Remove-Item "$path.blocked"
            1..3 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord
            (Get-Usage api).Events
        }
        $said[0] | Should -BeLike 'SpoolNotWritable,*: 3 records not added: the queue''s folder *.blocked/spool* cannot be written: *USAGE_SPOOL and start a new session.'
        $said[1] | Should -Be 3
    }

    It 'adds nothing for an empty pipeline' {
        Connect-UsageStore (Join-Path $TestDrive usage.db)
        @() | Add-UsageRecord | Should -BeNullOrEmpty
        (Invoke-UsageFlush).Committed | Should -Be 0
        Disconnect-UsageStore
    }
}
