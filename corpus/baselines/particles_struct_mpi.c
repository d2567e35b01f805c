/* Particles are sent as a struct type; rank 0 makes them, deals them and collects them. */
#include <mpi.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define N 300
#define STEPS 20

typedef struct {
  int id;
  double x[2], v[2], mass;
} Particle;

static MPI_Datatype particle_type(void) {
  int lengths[4] = {1, 2, 2, 1};
  MPI_Aint places[4] = {offsetof(Particle, id), offsetof(Particle, x), offsetof(Particle, v), offsetof(Particle, mass)};
  MPI_Datatype types[4] = {MPI_INT, MPI_DOUBLE, MPI_DOUBLE, MPI_DOUBLE}, inner, made;
  MPI_Type_create_struct(4, lengths, places, types, &inner);
  MPI_Type_create_resized(inner, 0, sizeof(Particle), &made);
  MPI_Type_free(&inner);
  MPI_Type_commit(&made);
  return made;
}

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Datatype type = particle_type();
  int *counts = malloc(size * sizeof(int)), *places = malloc(size * sizeof(int));
  for (int r = 0; r < size; r++) {
    places[r] = N * r / size;
    counts[r] = N * (r + 1) / size - places[r];
  }
  Particle *all = NULL, *mine = malloc((counts[rank] + 1) * sizeof(Particle));
  if (rank == 0) {
    all = malloc(N * sizeof(Particle));
    for (int i = 0; i < N; i++) {
      all[i].id = i;
      all[i].x[0] = i % 13;
      all[i].x[1] = i % 5 * 2.0;
      all[i].v[0] = 0.5;
      all[i].v[1] = i % 3 - 1.0;
      all[i].mass = 1.0 + i % 4;
    }
  }
  MPI_Scatterv(all, counts, places, type, mine, counts[rank], type, 0, MPI_COMM_WORLD);
  double energy = 0.0, total = 0.0;
  for (int i = 0; i < counts[rank]; i++) {
    Particle *p = &mine[i];
    for (int t = 0; t < STEPS; t++) {
      p->v[1] -= 0.01 * 9.81;
      for (int d = 0; d < 2; d++)
        p->x[d] += 0.01 * p->v[d];
    }
    energy += p->mass * (0.5 * (p->v[0] * p->v[0] + p->v[1] * p->v[1]) + 9.81 * p->x[1]);
  }
  MPI_Allreduce(&energy, &total, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  MPI_Gatherv(mine, counts[rank], type, all, counts, places, type, 0, MPI_COMM_WORLD);
  if (rank == 0) {
    for (int i = 0; i < N; i++)
      printf("%d: %.5f %.5f\n", all[i].id, all[i].x[0], all[i].x[1]);
    printf("energy %.6f\n", total);
  }
  free(all);
  free(mine);
  free(counts);
  free(places);
  MPI_Type_free(&type);
  MPI_Finalize();
  return 0;
}
