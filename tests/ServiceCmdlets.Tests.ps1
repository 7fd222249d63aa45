BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

# What holds for every cmdlet that adds the usage of one service.
foreach ($kind in Get-TestStore) {
    Describe "The service cmdlets to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $store = New-TestStore -Kind $Kind
            function Get-Stored([string] $Columns) {
                $null = Invoke-UsageFlush
                Invoke-Sql $store "select $Columns from billing_usage_records order by usage_id"
            }
        }
        AfterEach {
            $null = Invoke-UsageFlush
            $null = Invoke-Sql $store 'delete from billing_usage_records'
        }
        AfterAll { Remove-TestStore $store }

        It 'take each object by itself: what one names, the next need not' {
            [pscustomobject]@{ Bytes = 1; CustomerId = 'a'; Timestamp = '2026-01-01' }, [pscustomobject]@{ Bytes = 2 }, [pscustomobject]@{ Bytes = 3; Hours = 2 } |
                Add-UsageStorage -ErrorVariable problem

            $problem | Should -BeNullOrEmpty
            Get-Stored customer_id | Should -Be 'a', 'default', 'default'
        }

        It 'take hashtables like objects' {
            @{ Endpoint = '/h'; Method = 'POST'; StatusCode = '201' }, ([ordered]@{ endpoint = '/o' }) | Add-UsageApiRequest
            @{ Length = 1GB; Direction = 'ingress' } | Add-UsageBandwidth
            @{ CpuTime = '01:00:00' }, @{ CpuSeconds = 1800 } | Add-UsageCompute
            @{} | Add-UsageDatabaseQuery

            (Get-UsageRecord -Start 2026 api | Sort-Object Id).Metadata.status | Should -Be 201, 200
            (Get-UsageRecord -Start 2026 bandwidth).Metadata.direction | Should -Be ingress
            (Get-UsageRecord -Start 2026 compute | Sort-Object Id).Quantity | Should -Be 1, 0.5
            (Get-UsageRecord -Start 2026 database).Metadata.type | Should -Be SELECT
        }

        It 'never make a number of what is none' {
            { Add-UsageApiRequest /a GET '1,5' -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidStatusCode,*'
            { Add-UsageApiRequest /a GET 200.7 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidStatusCode,*'
            [pscustomobject]@{ Endpoint = '/a'; StatusCode = 'abc' } | Add-UsageApiRequest -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidStatusCode,*'
            [pscustomobject]@{ Bytes = 1; Direction = 'zz' } | Add-UsageBandwidth -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidDirection,*'

            Get-Stored service_name | Should -BeNullOrEmpty
        }

        It 'have one error for an item that has no properties or cannot be read, and add the others' {
            $broken = [pscustomobject]@{ Endpoint = '/b' }
            $broken | Add-Member ScriptProperty StatusCode { throw 'boom' }
            $empty = [pscustomobject]@{ Endpoint = '/e'; EventKey = $(if ($false) { 1 }) }
            @{ Endpoint = '/a' }, $broken, 'text', $empty | Add-UsageApiRequest -ErrorAction SilentlyContinue -ErrorVariable problem

            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidRecord,*'
            $problem.Count | Should -Be 2
            (Get-Stored service_name).Count | Should -Be 2
        }
    }
}
