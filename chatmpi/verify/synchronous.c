/* Linked into a program that is checked: with CHATMPI_SYNCHRONOUS set, every standard send is a synchronous one, so
   that a program that goes on only where MPI buffers its messages does not go on. */
#include <mpi.h>
#include <stdlib.h>

static int is_asked_for(void)
{
    static int known = -1;
    if (known < 0)
        known = getenv("CHATMPI_SYNCHRONOUS") != NULL;
    return known;
}

int MPI_Send(const void *buf, int count, MPI_Datatype type, int dest, int tag, MPI_Comm comm)
{
    return is_asked_for() ? PMPI_Ssend(buf, count, type, dest, tag, comm)
                          : PMPI_Send(buf, count, type, dest, tag, comm);
}

int MPI_Isend(const void *buf, int count, MPI_Datatype type, int dest, int tag, MPI_Comm comm, MPI_Request *request)
{
    return is_asked_for() ? PMPI_Issend(buf, count, type, dest, tag, comm, request)
                          : PMPI_Isend(buf, count, type, dest, tag, comm, request);
}

int MPI_Send_init(const void *buf, int count, MPI_Datatype type, int dest, int tag, MPI_Comm comm,
                  MPI_Request *request)
{
    return is_asked_for() ? PMPI_Ssend_init(buf, count, type, dest, tag, comm, request)
                          : PMPI_Send_init(buf, count, type, dest, tag, comm, request);
}

int MPI_Sendrecv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, int dest, int sendtag, void *recvbuf,
                 int recvcount, MPI_Datatype recvtype, int source, int recvtag, MPI_Comm comm, MPI_Status *status)
{
    MPI_Request send;
    int result;
    if (!is_asked_for())
        return PMPI_Sendrecv(sendbuf, sendcount, sendtype, dest, sendtag, recvbuf, recvcount, recvtype, source,
                             recvtag, comm, status);
    result = PMPI_Issend(sendbuf, sendcount, sendtype, dest, sendtag, comm, &send);
    if (result != MPI_SUCCESS)
        return result;
    result = PMPI_Recv(recvbuf, recvcount, recvtype, source, recvtag, comm, status);
    if (result != MPI_SUCCESS)
        return result;
    return PMPI_Wait(&send, MPI_STATUS_IGNORE);
}

int MPI_Sendrecv_replace(void *buf, int count, MPI_Datatype type, int dest, int sendtag, int source, int recvtag,
                         MPI_Comm comm, MPI_Status *status)
{
    int size, position = 0, result;
    char *copy;
    if (!is_asked_for() || PMPI_Pack_size(count, type, comm, &size) != MPI_SUCCESS || !(copy = malloc(size + 1)))
        return PMPI_Sendrecv_replace(buf, count, type, dest, sendtag, source, recvtag, comm, status);
    result = PMPI_Pack(buf, count, type, copy, size, &position, comm);
    if (result == MPI_SUCCESS)
        result = MPI_Sendrecv(copy, position, MPI_PACKED, dest, sendtag, buf, count, type, source, recvtag, comm,
                              status);
    free(copy);
    return result;
}
